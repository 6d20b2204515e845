import { readEntry } from './entry.js';
import type { Finding } from './finding.js';

/** An entry's place, and the one where a later entry on the same subject says that it stood. */
interface Misplaced {
  index: number;
  stood: number;
}

/**
 * Names what was done to a log of `size` entries when no hash can be believed, by what entries say of each other: each names
 * the place of the one before it on its subject. An end that nothing refers to can be told from the number alone.
 */
export function nameByPlaces(entries: Iterable<Uint8Array>, size: number): Finding {
  const { misplaced, count, backwards } = placesTold(entries);
  const [first] = misplaced;
  const missing = size - count;
  if (first === undefined && missing > 0)
    return { kind: 'truncated', index: count, count: missing, text: `the last ${missing} entries are missing` };
  const seen = first === undefined ? '' : `; the first not where another says it stood is entry ${first.index}`;
  if (missing > 0) return { kind: 'dropped', count: missing, text: `${missing} entries dropped${seen}` };
  if (missing < 0) return { kind: 'inserted', count: -missing, text: `${-missing} entries inserted${seen}` };
  if (backwards || tookPlaces(misplaced))
    return { kind: 'reordered', count: misplaced.length, text: `entries are not in the order that was signed${seen}` };
  return { kind: 'changed', text: `an entry was changed${seen}` };
}

/** Entries that were moved took the places of others that were; one that was changed only has lost its own. */
function tookPlaces(misplaced: readonly Misplaced[]): boolean {
  const places = new Set(misplaced.map(({ index }) => index));
  return misplaced.some(({ stood }) => places.has(stood));
}

/** backwards: an entry stands after one on its subject that says to be a later one. */
function placesTold(entries: Iterable<Uint8Array>): { misplaced: Misplaced[]; count: number; backwards: boolean } {
  const subjects: string[] = [];
  const last = new Map<string, { index: number; after: number }>();
  const misplaced: Misplaced[] = [];
  let backwards = false;
  for (const bytes of entries) {
    const { subject, after } = readEntry(bytes);
    const before = last.get(subject);
    if (before !== undefined && after !== undefined) {
      if (after !== before.index + 1) misplaced.push({ index: before.index, stood: after - 1 });
      // one whose number alone was changed names a place where another subject is
      backwards ||= after < before.after && (after === 0 || subjects[after - 1] === subject);
    }
    last.set(subject, { index: subjects.length, after: after ?? 0 });
    subjects.push(subject);
  }
  return { misplaced: misplaced.sort((one, other) => one.index - other.index), count: subjects.length, backwards };
}
