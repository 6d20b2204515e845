import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type Outcome<T> = { kind: 'value'; value: T } | { kind: 'error'; error: unknown };

const LONGEST_MS = 1000; // of microseconds' work: more is a regular expression gone wild
const { now } = performance;

/** What a parser did with an input. Throws when it took long. */
export function outcomeOf<T>(parse: () => T): Outcome<T> {
  const startedMs = now.call(performance);
  let outcome: Outcome<T>;
  try {
    outcome = { kind: 'value', value: parse() };
  } catch (error) {
    outcome = { kind: 'error', error };
  }
  const tookMs = now.call(performance) - startedMs;
  if (tookMs > LONGEST_MS) throw new Error(`one input took ${Math.round(tookMs)} ms`);
  return outcome;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use once everything that nobody holds is gone. */
export function bytesHeld(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
