/**
 * What is wrong with a log, each kind named for what was done to it:
 * changed: other bytes than those that were signed; dropped: entries are missing; inserted: entries that were never there;
 * reordered: entries stand in another place; truncated: the end is missing;
 * forked: a signed history that contradicts the one verified before; old-checkpoint: less than was verified before;
 * other-key: a checkpoint by another key than the one given, or of another log.
 */
export const FINDING_KINDS = [
  'changed',
  'dropped',
  'inserted',
  'reordered',
  'truncated',
  'forked',
  'old-checkpoint',
  'other-key',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  kind: FindingKind;
  /** for people: what, and where */
  text: string;
  /** the first entry that it is about, from 0 */
  index?: number;
  /** how many entries it is about */
  count?: number;
}

/** `entry 7`, `entries 7 to 9`. */
export const entries = (index: number, count: number): string =>
  count === 1 ? `entry ${index}` : `entries ${index} to ${index + count - 1}`;
