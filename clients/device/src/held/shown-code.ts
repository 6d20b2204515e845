import { codeFromMac, factorBytes, isDigits, stepBeginsMs, timeStep } from '@countersign/oath/portable';
import type { PairedProfile } from '@countersign/pairing/portable';

/** A code as a display shows it. `endsAtMs`: when the next one follows, ms since 1970. */
export type ShownCode =
  | { type: 'totp'; code: string; step: number; endsAtMs: number }
  | { type: 'hotp'; code: string; counter: number }
  /** the response that confirms an OCRA device */
  | { type: 'ocra'; code: string };

/** HMAC under a device's key, by its profile's hash. */
export type Mac = (message: Uint8Array) => Promise<Uint8Array>;

/** The code of the moment (RFC 6238). Throws RangeError before T0. */
export async function codeOfMoment(mac: Mac, profile: PairedProfile, nowMs: number): Promise<ShownCode> {
  const { stepSeconds, t0Seconds } = profile;
  const step = timeStep(nowMs, t0Seconds, stepSeconds);
  if (step < 0) throw new RangeError('there is no code before T0');
  const endsAtMs = stepBeginsMs(step + 1, t0Seconds, stepSeconds);
  return { type: 'totp', code: await codeOf(mac, profile, step), step, endsAtMs };
}

/** The code of one counter (RFC 4226), which no other code may be shown for. */
export async function codeOfCounter(mac: Mac, profile: PairedProfile, counter: number): Promise<ShownCode> {
  return { type: 'hotp', code: await codeOf(mac, profile, counter), counter };
}

async function codeOf(mac: Mac, { digits }: PairedProfile, factor: number): Promise<string> {
  if (!isDigits(digits)) throw new RangeError('digits should be 6, 7 or 8');
  return codeFromMac(await mac(factorBytes(factor)), digits);
}
