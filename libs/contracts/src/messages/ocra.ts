import { Matches } from '../class-validator.js';
import { Failure } from '../failure.js';
import type { Algorithm, ProfileFields } from './profile.js';

/** OCRA suites (RFC 6287 section 6) that devices may have, and what a profile says of them. libs/oath reads any suite. */

const FUNCTION = 'OCRA-1:HOTP-(SHA1|SHA256|SHA512)-([678])';
const QUESTION = 'Q[ANH](?:0[89]|[1-5][0-9]|6[0-4])';
const STEP = '(?:[1-5][0-9]S|[1-5]M)'; // 10 s to 5 min, as for TOTP
const SUITE = new RegExp(`^${FUNCTION}:(?:(C)-(${QUESTION})|(${QUESTION})(?:-T(${STEP}))?)$`);
const PLATFORM_SUITE = new RegExp(`^${FUNCTION}:(${QUESTION})$`);

const SUITE_RULE =
  'an OCRA suite of 6 to 8 digits with a question of 08 to 64 characters and a counter, a time step of 10 s to 5 min ' +
  'or neither, e.g. OCRA-1:HOTP-SHA256-8:QN08; suites with a PIN (P) or a session (S) are not taken';

/** No PIN: the platform would have to keep it, and whoever read four digits' hash would know them. No session: nothing here has one. */
export const OcraSuiteField = (): PropertyDecorator => Matches(SUITE, { message: SUITE_RULE });
export const PlatformSuiteField = (): PropertyDecorator =>
  Matches(PLATFORM_SUITE, { message: 'an OCRA suite of a question alone, e.g. OCRA-1:HOTP-SHA256-6:QN08' });

/** What an OCRA device's suite says of its profile. */
export interface OcraProfile {
  algorithm: Algorithm;
  digits: number;
  /** C: each response moves a counter */
  counted: boolean;
  question: string;
  /** T: the time step; absent: responses do not depend on the time */
  stepSeconds?: number;
}

/** Of a suite that OcraSuiteField took. */
export function ocraProfile(suite: string): OcraProfile {
  const [, hash, digits, counter, counted, question, step] = SUITE.exec(suite) ?? [];
  if (digits === undefined) throw new Error(`${suite} is no suite of a device`);
  return {
    algorithm: hash as Algorithm,
    digits: Number(digits),
    counted: counter !== undefined,
    question: (counted ?? question)!,
    ...(step !== undefined && { stepSeconds: Number(step.slice(0, -1)) * (step.endsWith('M') ? 60 : 1) }),
  };
}

/** The part of a profile that its suites decide; nothing for devices without. Throws INVALID_ARGUMENT. */
export function profileOfSuite({ type, suite, platformSuite, ...said }: ProfileFields) {
  if (type !== 'ocra') {
    for (const [field, given] of Object.entries({ suite, platformSuite }))
      if (given !== undefined) throw wrong(field, 'left out: it is for devices of the type ocra');
    return {};
  }
  if (suite === undefined || !SUITE.test(suite)) throw wrong('suite', SUITE_RULE);
  const { algorithm, digits, question, stepSeconds } = ocraProfile(suite);
  const made = { algorithm, digits, ...(stepSeconds !== undefined && { stepSeconds }) };
  for (const [field, right] of Object.entries({ stepSeconds: 30, t0Seconds: 0, ...made }))
    if ((said[field as keyof typeof said] ?? right) !== right) throw wrong(field, `${right}, as the suite says`);
  if (platformSuite === undefined) return { ...made, suite };
  const [, hash, , asked] = PLATFORM_SUITE.exec(platformSuite) ?? [];
  if (platformSuite === suite || hash !== algorithm || asked !== question)
    throw wrong(
      'platformSuite',
      `another suite than the device's, of ${algorithm} and ${question}, e.g. of other digits`,
    );
  return { ...made, suite, platformSuite };
}

function wrong(field: string, problem: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }] });
}
