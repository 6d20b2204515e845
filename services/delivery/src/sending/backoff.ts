import type { Random } from '@countersign/runtime';

export interface Pauses {
  firstMs: number;
  mostMs: number;
}

/** Short at first: most trouble of a relay is over in a second, and a code lives for minutes. */
export const PAUSES: Pauses = { firstMs: 1000, mostMs: 30_000 };

/** After the n-th attempt (from 1): doubled each time, and up to a fifth longer, so that messages do not come together. */
export function pauseMs(attempt: number, { firstMs, mostMs }: Pauses, random: Random): number {
  const even = Math.min(firstMs * 2 ** (attempt - 1), mostMs);
  return Math.round(even * (1 + (random.bytes(1)[0] as number) / 255 / 5));
}
