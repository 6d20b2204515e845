import type { Countersign } from '@countersign/caller';
import type { LogView } from './log-view.js';

const WAIT_MS = 5000; // less than the time for an answer

/** A log as audit answers to a tenant's auditor. */
export const busView = (countersign: Countersign): LogView => ({
  checkpoint: async (after) => (await countersign.checkpoint({ after, waitMs: WAIT_MS })).checkpoint,
  consistency: async (older, newer) => {
    const { proof } = await countersign.proof({ from: older.size, size: newer.size });
    return proof.map((hash) => Buffer.from(hash, 'base64'));
  },
});
