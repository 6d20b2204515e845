import { timingSafeEqual } from 'node:crypto';

export interface Candidates {
  /** MACs of the counters from, from + 1, ... */
  macs: readonly Uint8Array[];
  from: number;
  /** the code that a MAC shows */
  shows: (mac: Uint8Array) => string;
  /** counters below it are spent */
  spent: number;
  /** the first counter that could be accepted */
  floor: number;
}

const WIDTH = 16; // wider than any code, so that codes of all lengths compare alike

/**
 * The counter whose code this is, or undefined. By chance it may be the code of several: then a spent one comes first, so
 * that what was typed once is a replay whatever else it is, then one from `floor` on, then one between, and of each the
 * first. Always looks at every candidate, whether or not one fitted before.
 */
export function findCode(code: string, { macs, from, shows, spent, floor }: Candidates): number | undefined {
  const wanted = widened(code);
  let replayed: number | undefined;
  let accepted: number | undefined;
  let any: number | undefined;
  macs.forEach((mac, at) => {
    const counter = from + at;
    const fits = timingSafeEqual(widened(shows(mac)), wanted);
    replayed = fits && counter < spent ? (replayed ?? counter) : replayed;
    accepted = fits && counter >= floor ? (accepted ?? counter) : accepted;
    any = fits ? (any ?? counter) : any;
  });
  return replayed ?? accepted ?? any;
}

/**
 * The counter whose code is `next`, where the counter before shows `code`: both have to fit. The first such pair; always
 * looks at every one. `macs` are of one counter more than there are pairs.
 */
export function findPair(
  code: string,
  next: string,
  { macs, from, shows }: Omit<Candidates, 'spent' | 'floor'>,
): number | undefined {
  const [first, second] = [widened(code), widened(next)];
  let found: number | undefined;
  let before = false;
  macs.forEach((mac, at) => {
    const shown = widened(shows(mac));
    const ends = before && timingSafeEqual(shown, second);
    before = timingSafeEqual(shown, first);
    found = ends ? (found ?? from + at) : found;
  });
  return found;
}

function widened(code: string): Buffer {
  return Buffer.from(code.padEnd(WIDTH, '\0').slice(0, WIDTH), 'latin1');
}
