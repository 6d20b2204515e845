import { PairingError } from '../pairing-error.js';
import { checkTwoStepTerms } from './terms.js';
import type { TwoStepTerms } from './terms.js';

/** The fields that privacyIDEA adds to an otpauth URI, whose secret is then the server's part. */
const FIELDS = { phonePartBytes: '2step_salt', seedBytes: '2step_output', rounds: '2step_difficulty' } as const;
type Term = keyof typeof FIELDS;
const TERMS = Object.keys(FIELDS) as Term[];

/** Adds them to an otpauth URI. All three: apps differ in what they take for a missing one. Throws PairingError. */
export function addTwoStep(otpauth: string, terms: TwoStepTerms): string {
  checkTwoStepTerms(terms);
  const wrong = !/^otpauth:\/\/[^?#]+\?[^#]+$/i.test(otpauth) || readTwoStep(otpauth) !== undefined;
  if (wrong) throw new PairingError('two-step', 'an otpauth URI without two-step fields was expected');
  return [otpauth, ...TERMS.map((term) => `${FIELDS[term]}=${terms[term]}`)].join('&');
}

/**
 * The terms in an otpauth URI; undefined when it is for one step. Throws PairingError 'two-step' when a field is missing,
 * twice there, or out of its limits.
 */
export function readTwoStep(otpauth: string): TwoStepTerms | undefined {
  const given = otpauth.replace(/^[^?]*\??/, '').split('&');
  const valuesOf = (term: Term): string[] =>
    given.filter((pair) => pair.startsWith(`${FIELDS[term]}=`)).map((pair) => pair.slice(FIELDS[term].length + 1));
  if (TERMS.every((term) => valuesOf(term).length === 0)) return undefined;
  const whole = (term: Term): number => {
    const [value = '', ...more] = valuesOf(term);
    if (more.length > 0 || !/^[0-9]{1,9}$/.test(value))
      throw new PairingError('two-step', `${FIELDS[term]} should be there once, and a whole number`);
    return Number(value);
  };
  const [phonePartBytes, seedBytes, rounds] = [whole('phonePartBytes'), whole('seedBytes'), whole('rounds')];
  return checkTwoStepTerms({ phonePartBytes, seedBytes: seedBytes as TwoStepTerms['seedBytes'], rounds });
}
