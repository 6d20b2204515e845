import { createHash } from 'node:crypto';
import { Failure } from '@countersign/contracts';
import canonicalize from 'canonicalize';

const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 32;

/**
 * The one text of a transaction (RFC 8785): in whatever order its members come, and whatever blanks are between them.
 * Throws INVALID_ARGUMENT for what two languages may read differently: a whole number that a double does not hold, half a
 * surrogate pair; and for what is too long or deep.
 */
export function canonicalTransaction(transaction: object): string {
  if (depthOf(transaction) > MAX_DEPTH) throw wrong(`at most ${MAX_DEPTH} levels`);
  const text = inOneText(transaction);
  if (Buffer.byteLength(text) > MAX_BYTES) throw wrong(`at most ${MAX_BYTES} bytes`);
  return text;
}

/** What a device that shows the transaction signs: SHA-256 of its one text, base64url. */
export const signedDigest = (canonical: string): string => createHash('sha256').update(canonical).digest('base64url');

function inOneText(transaction: object): string {
  try {
    return canonicalize(transaction) ?? '{}';
  } catch (cause) {
    throw wrong('JSON that every language reads alike (RFC 7493)', cause);
  }
}

/** Level by level, since what was sent may be deeper than the call stack. Looks at the numbers on its way. */
function depthOf(transaction: object): number {
  let level: unknown[] = [transaction];
  let depth = 0;
  for (; level.length > 0 && depth <= MAX_DEPTH; depth += 1) {
    const parts = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? (Object.values(each) as unknown[]) : [],
    );
    if (parts.some((each) => Number.isInteger(each) && !Number.isSafeInteger(each)))
      throw wrong('whole numbers up to 9007199254740991, larger ones as text');
    level = parts;
  }
  return depth;
}

function wrong(problem: string, cause?: unknown): Failure {
  return new Failure('INVALID_ARGUMENT', `transaction: ${problem}`, {
    fields: [{ field: 'transaction', problem }],
    cause,
  });
}
