import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';

/** Environment that makes the key service write each evaluation into `folder`: a file for each life of each replica. */
export function recorder(folder: string): Record<string, string> {
  const hook = pathToFileURL(join(ROOT, 'test/torture/recorder/evaluations.mjs')).href;
  return { NODE_OPTIONS: `--import ${hook}`, EVALUATIONS_FOLDER: folder };
}

/** Both environments: their NODE_OPTIONS one after the other, of anything else the second's. */
export function joinVariables(one: Record<string, string>, two: Record<string, string>): Record<string, string> {
  const options = [one['NODE_OPTIONS'], two['NODE_OPTIONS']].filter((each) => each !== undefined);
  return { ...one, ...two, ...(options.length > 0 && { NODE_OPTIONS: options.join(' ') }) };
}
