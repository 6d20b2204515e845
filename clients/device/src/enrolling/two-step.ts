import { readOtpauth } from '@countersign/oath/portable';
import type { OtpauthOf } from '@countersign/oath/portable';
import { hide, readTwoStep, showPhonePart, twoStepSeed } from '@countersign/pairing/portable';
import type { Hidden } from '@countersign/pairing/portable';
import { randomId } from '@countersign/runtime/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { DeviceDescription } from '../description.js';

/** Ids of the platform's own devices have as many characters; this one is only for the place where it is kept. */
const OWN_ID_LENGTH = 12;

/** What an authenticator app makes of an otpauth URI. */
export interface FromUri {
  description: DeviceDescription;
  key: Hidden;
  /** two-step: what the person types where the QR code was shown; without it the platform has no such seed */
  phonePart?: string;
}

/**
 * Reads an otpauth URI as an authenticator app does, in one step or in two: then it draws the phone's part, and the seed is
 * made of both. Throws RangeError for what is no otpauth URI, PairingError 'two-step' for terms that are weak or too costly.
 */
export async function fromOtpauth(uri: string, random: RandomBytes): Promise<FromUri> {
  const read = readOtpauth(uri);
  const terms = readTwoStep(uri);
  const description = descriptionOf(read, randomId(random, OWN_ID_LENGTH));
  const secret = hide(read.secret);
  if (!terms) return { description, key: secret };
  const part = hide(random.bytes(terms.phonePartBytes));
  const key = await twoStepSeed(secret, part, terms);
  read.secret.fill(0);
  return { description, key, phonePart: showPhonePart(part) };
}

function descriptionOf(read: OtpauthOf<unknown>, device: string): DeviceDescription {
  const { issuer = '', account, algorithm, digits } = read;
  const moving =
    read.type === 'totp'
      ? ({ type: 'totp', stepSeconds: read.stepSeconds, counter: 0 } as const)
      : ({ type: 'hotp', stepSeconds: 30, counter: read.counter } as const);
  return { tenant: issuer, account, device, epoch: 1, profile: { ...moving, algorithm, digits, t0Seconds: 0 } };
}
