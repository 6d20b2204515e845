import type { Answer } from '@countersign/bus';

/** The sequence that the store acknowledged; undefined for a conflict, and for everything that leaves it open. */
export function storedAt(answer: Answer): number | undefined {
  if (answer.kind !== 'reply') return undefined;
  try {
    const { seq, error } = JSON.parse(Buffer.from(answer.message.data).toString('utf8')) as {
      seq?: unknown;
      error?: unknown;
    };
    return error === undefined && typeof seq === 'number' ? seq : undefined;
  } catch {
    return undefined;
  }
}
