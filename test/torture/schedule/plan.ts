import type { Chance } from '../chance/chance.js';
import { faultOf, type FaultKind } from '../faults/table.js';

/** What is broken at once, for how long, and how long all is whole afterwards. */
export interface Step {
  faults: { kind: FaultKind; chance: Chance }[];
  lastsMs: number;
  pauseMs: number;
}

const TWO_AT_ONCE = 0.2;
const PAUSE_MS = [1500, 4000] as const; // long enough to see that all answers again

/** The schedule that a seed stands for, without end. Every kind comes once before any comes again. */
export function* plan(kinds: readonly FaultKind[], chance: Chance): Generator<Step> {
  if (kinds.length === 0) return;
  const left: FaultKind[] = [];
  const draw = (): FaultKind => {
    if (left.length === 0) left.push(...kinds);
    const [kind] = left.splice(chance.whole(left.length), 1);
    return kind as FaultKind;
  };
  for (let number = 1; ; number += 1) {
    const drawn = [draw(), ...(chance.happens(TWO_AT_ONCE) ? [draw()] : [])];
    const lengths = drawn.map((kind) => chance.between(...faultOf(kind).lastsMs));
    yield {
      faults: [...new Set(drawn)].map((kind) => ({ kind, chance: chance.apart(`${number} ${kind}`) })),
      lastsMs: Math.max(...lengths),
      pauseMs: chance.between(...PAUSE_MS),
    };
  }
}
