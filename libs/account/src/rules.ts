import { DEFAULT_POLICY, type Policy } from '@countersign/contracts';

/** A tenant's policy as it is in force, and the ledger sequence of the event that says so (0: none does). */
export interface Rules {
  version: number;
  policy: Policy;
}

export const DEFAULT_RULES: Rules = { version: 0, policy: DEFAULT_POLICY };
