import { reasonOf } from '@countersign/runtime';
import { TlogError } from '@countersign/tlog';
import { Checkpoints } from './checkpoints.js';
import type { LedgerParts } from './ledger.js';

/**
 * Asks how many entries the last checkpoint signs; 0 where there is none. What the audit key did not sign says nothing: no
 * more could be done with it than to stop everything. Throws UNAVAILABLE.
 */
export function signedSize({
  auditKey,
  ...parts
}: Pick<LedgerParts, 'auditKey' | 'bus' | 'random' | 'log'>): () => Promise<number> {
  if (auditKey === undefined) return () => Promise.resolve(0);
  const chain = new Checkpoints(parts, auditKey);
  return async () => {
    try {
      return (await chain.last())?.size ?? 0;
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      parts.log.error('the last checkpoint is none', { reason: reasonOf(error) });
      return 0;
    }
  };
}
