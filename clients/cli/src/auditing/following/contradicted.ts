import type { Finding } from '@countersign/audit-verifier';

/** A log has shown what contradicts what it showed before, or what its key did not sign. */
export class Contradicted extends Error {
  readonly code: string;

  constructor({ kind, text }: Finding, evidence: string) {
    super(`${kind.toUpperCase()}: ${text}. The checkpoint that shows it is kept in ${evidence}`);
    this.code = kind.toUpperCase().replaceAll('-', '_');
  }
}
