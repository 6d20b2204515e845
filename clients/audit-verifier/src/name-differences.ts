import type { Difference } from './differences.js';
import { entries } from './finding.js';
import type { Finding } from './finding.js';

type Hole = Extract<Difference, { kind: 'hole' }>;

/** More than these tell nobody more. */
const MOST_HOLES = 1000;

/** Names what was done to a log of `size` entries, by where they differ from those that should be there. */
export function nameDifferences(found: Iterable<Difference>, size: number): Finding[] {
  const holes: Hole[] = [];
  const findings: Finding[] = [];
  for (const each of found) {
    if (each.kind === 'hole') holes.push(each);
    else if (each.kind === 'short') findings.push(truncated(each.at, size));
    else if (holes.length === 0) findings.push(inserted(each.at)); // else what was inserted pushed these out of their places
    if (holes.length === MOST_HOLES) break;
  }
  const missing = new Set(holes.flatMap((hole) => hole.missing));
  const moved = new Set(holes.flatMap((hole) => hole.extra).filter((each) => missing.has(each)));
  return [...holes.map((hole) => nameOf(hole, moved)), ...findings];
}

function nameOf({ at, missing, extra }: Hole, moved: Set<string>): Finding {
  const count = missing.length;
  const where = entries(at, Math.max(1, count));
  if ([...missing, ...extra].some((each) => moved.has(each)))
    return { kind: 'reordered', index: at, count, text: `${where}: not in the order that was signed` };
  if (count === 0) return inserted(at, extra.length);
  if (extra.length === 0) return { kind: 'dropped', index: at, count, text: `${where}: dropped` };
  return { kind: 'changed', index: at, count, text: `${where}: changed` };
}

const inserted = (index: number, count?: number): Finding => ({
  kind: 'inserted',
  index,
  ...(count !== undefined && { count }),
  text: `before entry ${index}: ${count ?? 'some'} inserted that were never there`,
});

const truncated = (index: number, size: number): Finding => ({
  kind: 'truncated',
  index,
  count: size - index,
  text: `${entries(index, size - index)}: missing, the end is cut off`,
});
