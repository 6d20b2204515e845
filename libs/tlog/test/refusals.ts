import { TlogError } from '../src/index.js';
import type { TlogErrorKind } from '../src/index.js';

/** The kind of the TlogError that was thrown; `accepted` when nothing was. Anything else that is thrown goes on. */
export async function outcomeOf(work: () => unknown): Promise<TlogErrorKind | 'accepted'> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    if (error instanceof TlogError) return error.kind;
    throw error;
  }
}

/** The bytes with one of them changed. */
export function changed(bytes: Uint8Array, { at, by }: { at: number; by: number }): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const where = at % copy.length;
  copy[where] = (copy[where] as number) ^ by;
  return copy;
}
