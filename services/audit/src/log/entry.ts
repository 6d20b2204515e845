import { createHash } from 'node:crypto';
import type { Message } from '@countersign/ledger';
import { MAX_LEAF_BYTES } from '@countersign/tlog';

/**
 * What is hashed of a message: subject, newline, body. A subject has no blank and no newline, so it is read in one way
 * only. What a bundle of entries cannot hold, and no service writes, is told by its hash (docs/audit.md).
 */
export function entryOf({ subject, data }: Pick<Message, 'subject' | 'data'>): Buffer {
  const entry = Buffer.concat([Buffer.from(`${subject}\n`, 'utf8'), data]);
  if (entry.length <= MAX_LEAF_BYTES) return entry;
  return Buffer.from(`${subject} sha-256 ${createHash('sha256').update(data).digest('hex')}`, 'utf8');
}
