import { CODE_LETTERS, type CodeForm, type KeyType, type Policy } from '@countersign/contracts';
import { CLEARED_MS, closure, type Bucket } from './budget.js';
import { isSheet } from './codes.js';
import { DAY_MS } from './state.js';
import { MAX_GUESS_WIDTH, guessWidth } from './window.js';

/**
 * What somebody wins who guesses for a year, never pausing longer than he must. Upper bounds, for the documents and for
 * whoever decides a policy.
 */

const YEAR_MS = 365 * DAY_MS;

/**
 * elsewhere: the owner's sign-ins pay from the other budget, since they state origins. here: they pay from the same one,
 * and clear it as often as helps the guesser.
 */
export type OwnerSignsIn = 'elsewhere' | 'here';

/** Wrong codes that are answered in a year, at most. Of the thirty days that it begins in some may be left. */
export function answeredInAYear(policy: Policy, owner: OwnerSignsIn): number {
  if (owner === 'here') return (Math.ceil(YEAR_MS / CLEARED_MS) + 1) * policy.wrongPer30Days;
  let bucket: Bucket = { wrong: 0, at: 0 };
  for (let now = 0; now < YEAR_MS;) {
    const closed = closure(bucket, now, policy);
    if (closed.kind === 'operator') break;
    if (closed.kind === 'open') bucket = { wrong: bucket.wrong + 1, at: now };
    else now = closed.untilMs;
  }
  return bucket.wrong;
}

/** Codes that one guess could hit on an account with so many devices of a type; the others are judged when named. */
export function hitByOneGuess(type: KeyType, devices: number, policy: Policy): number {
  const each = guessWidth(type, policy);
  return each * Math.min(devices, Math.floor(MAX_GUESS_WIDTH / each));
}

/**
 * The chance that one of a year's guesses is right: each hits with at most width / 10^digits, or 32^digits for the
 * letters and digits of a sheet (union bound).
 */
export function chanceInAYear(
  { type, digits, devices }: { type: KeyType; digits: number; devices: number },
  policy: Policy,
  owner: OwnerSignsIn,
): number {
  const codes = (isSheet({ type }) ? 32 : 10) ** digits;
  return Math.min(1, (answeredInAYear(policy, owner) * hitByOneGuess(type, devices, policy)) / codes);
}

/** The same of challenges, however many are open: each guess is at one of them, and they share the account's budgets. */
export const challengeChanceInAYear = ({ kind, length }: CodeForm, policy: Policy, owner: OwnerSignsIn): number =>
  Math.min(1, answeredInAYear(policy, owner) / (kind === 'digits' ? 10 : CODE_LETTERS.length) ** length);
