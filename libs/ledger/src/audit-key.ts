import { reasonOf, type Environment } from '@countersign/runtime';
import { parseVerifierKey, type VerifierKey } from '@countersign/tlog';

export type { VerifierKey };

export const AUDIT_KEY = "the log's verifier key, name+id+key (C2SP signed-note)";

/** Whose signature makes a checkpoint: reads the value of the variable `AUDIT_KEY`. */
export function auditKeyIn(environment: Environment, text: string): VerifierKey {
  try {
    if (text !== '') return parseVerifierKey(text);
  } catch (error) {
    environment.problem('AUDIT_KEY', `cannot be read (${reasonOf(error)}); it should be ${AUDIT_KEY}`, undefined);
  }
  return undefined as never; // the problem is told when reading is finished
}
