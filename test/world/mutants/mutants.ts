import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';

/** Builds of verification with one of its protections taken out, as one might do without knowing better. */
export const MUTANTS = ['without-compare', 'trusts-redis', 'answers-before-ack', 'uses-msg-id'] as const;
export type Mutant = (typeof MUTANTS)[number];

/** Environment that makes a service run as one. */
export function mutant(name: Mutant): Record<string, string> {
  const hook = pathToFileURL(join(ROOT, `test/world/mutants/${name}.mjs`)).href;
  return { NODE_OPTIONS: `--import ${hook}` };
}
