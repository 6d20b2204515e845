import {
  dataInput,
  isFullQuestion,
  parseSuite,
  questionFrom,
  responseFromMac,
  timeStep,
} from '@countersign/oath/portable';
import { challengeDigest, firstCodeDigest, signedDigest } from '@countersign/pairing/portable';
import type { PairedProfile } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { DeviceDescription } from '../description.js';
import { DeviceError } from '../device-error.js';
import type { Mac } from './shown-code.js';

const QUESTION_BYTES = 32;

/** What an OCRA device was asked (RFC 6287 section 7). */
export type Question = (
  | /** a question that came to it, typed or carried */ { question: string }
    /** the question is made here, from the transaction that this device shows: it answers for what it shows */
  | { challenge: string; transaction?: object }
) &
  /** `asked` by this device before: `response` is the platform's, and is checked first */
  ({ asked: string; response: string } | { asked?: never });

/** How the device's response comes to a counter, where its suite has one. */
export interface Responding {
  mac: Mac;
  takeCounter: () => Promise<number>;
  nowMs: number;
}

/**
 * The response to a question. Throws DeviceError 'platform' when the platform's own response is wrong: then nothing was
 * computed of this device's, nor a counter taken. Throws RangeError for a question that is none of its suite.
 */
export async function responseTo(
  asked: Question,
  profile: PairedProfile,
  { mac, takeCounter, nowMs }: Responding,
): Promise<string> {
  const suite = suiteOf(profile);
  const own = asked.asked ?? '';
  const question = 'question' in asked ? asked.question : questionFrom(suite, digestOf(asked));
  if (own !== '' && !(isFullQuestion(suite, question) && isFullQuestion(suite, own)))
    throw new RangeError('in mutual OCRA both questions have the full length of the suite');
  if (asked.asked !== undefined) await checkPlatform({ ...asked, question }, profile, mac);
  const step = suite.stepSeconds === undefined ? 0 : timeStep(nowMs, profile.t0Seconds, suite.stepSeconds);
  const inputs = { question: question + own, step };
  dataInput(suite, { ...inputs, counter: 0 }); // what cannot be answered takes no counter
  const counter = suite.counter ? await takeCounter() : 0;
  return responseFromMac(suite, await mac(dataInput(suite, { ...inputs, counter })));
}

/** The response that confirms a new key. */
export function firstResponse(description: DeviceDescription, responding: Responding): Promise<string> {
  const { profile } = description;
  return responseTo({ question: questionFrom(suiteOf(profile), firstCodeDigest(description)) }, profile, responding);
}

/** A question to the platform. Throws RangeError without a platform suite. */
export const ownQuestion = (profile: PairedProfile, random: RandomBytes): string =>
  questionFrom(platformSuiteOf(profile), random.bytes(QUESTION_BYTES));

async function checkPlatform(
  { question, asked, response }: { question: string; asked: string; response: string },
  profile: PairedProfile,
  mac: Mac,
): Promise<void> {
  const suite = platformSuiteOf(profile);
  const right = responseFromMac(suite, await mac(dataInput(suite, { question: asked + question })));
  if (response !== right)
    throw new DeviceError(
      'platform',
      "this is not the platform's response to what this device asked; nothing was answered",
    );
}

const digestOf = ({ challenge, transaction }: { challenge: string; transaction?: object }): Uint8Array =>
  challengeDigest(challenge, transaction && signedDigest(transaction));

function suiteOf({ suite }: PairedProfile) {
  if (suite === undefined) throw new RangeError('only a device of the type ocra answers questions');
  return parseSuite(suite);
}

/** Of another suite than the device's: what one end says is then never what the other end would (no reflection). */
function platformSuiteOf({ suite, platformSuite }: PairedProfile) {
  if (platformSuite === undefined || platformSuite === suite)
    throw new RangeError('this device has no suite by which the platform would answer it');
  return parseSuite(platformSuite);
}
