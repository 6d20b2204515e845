import { timingSafeEqual } from 'node:crypto';
import { codeFromMac } from '@countersign/oath';

export interface Candidates {
  /** MACs of the counters from, from + 1, ... */
  macs: readonly Uint8Array[];
  from: number;
  digits: number;
  /** the first counter that could be accepted */
  floor: number;
}

const WIDTH = 16; // wider than any code, so that codes of all lengths compare alike

/**
 * The counter whose code this is: the first from `floor` on, else the first below it (then it is a replay), else
 * undefined. Always looks at every candidate, whether or not one fitted before.
 */
export function findCode(code: string, { macs, from, digits, floor }: Candidates): number | undefined {
  const wanted = widened(code);
  let accepted: number | undefined;
  let replayed: number | undefined;
  macs.forEach((mac, at) => {
    const counter = from + at;
    const fits = timingSafeEqual(widened(codeFromMac(mac, digits)), wanted);
    accepted = fits && counter >= floor ? (accepted ?? counter) : accepted;
    replayed = fits && counter < floor ? (replayed ?? counter) : replayed;
  });
  return accepted ?? replayed;
}

/**
 * The counter whose code is `next`, where the counter before shows `code`: both have to fit. The first such pair; always
 * looks at every one. `macs` are of one counter more than there are pairs.
 */
export function findPair(
  code: string,
  next: string,
  { macs, from, digits }: Omit<Candidates, 'floor'>,
): number | undefined {
  const [first, second] = [widened(code), widened(next)];
  let found: number | undefined;
  let before = false;
  macs.forEach((mac, at) => {
    const shown = widened(codeFromMac(mac, digits));
    const ends = before && timingSafeEqual(shown, second);
    before = timingSafeEqual(shown, first);
    found = ends ? (found ?? from + at) : found;
  });
  return found;
}

function widened(code: string): Buffer {
  return Buffer.from(code.padEnd(WIDTH, '\0').slice(0, WIDTH), 'latin1');
}
