import { createGuardrails, generateSync } from 'otplib';
import type { Secret } from '@countersign/runtime';
import type { Algorithm, Digits } from './algorithm.js';
import { timeStep } from './time-step.js';
import { MAX_SEED_BYTES, MIN_SEED_BYTES } from './seed.js';

/** otplib stops at 64 bytes by itself, half a block of SHA-512. */
const GUARDRAILS = createGuardrails({ MIN_SECRET_BYTES: MIN_SEED_BYTES, MAX_SECRET_BYTES: MAX_SEED_BYTES });

export interface HotpParameters {
  algorithm: Algorithm;
  digits: Digits;
}

export interface TotpParameters extends HotpParameters {
  /** RFC 6238's T0, seconds since 1970 */
  t0Seconds: number;
  stepSeconds: number;
}

/** The HOTP code of one counter (RFC 4226 section 5.3). `key` of 16 bytes or more; otplib refuses less. */
export function hotp(key: Secret, counter: number, { algorithm, digits }: HotpParameters): string {
  const hash = algorithm.toLowerCase() as Lowercase<Algorithm>;
  // bytes of its own: otplib takes a Uint8Array, and a Buffer may be a window into a shared pool
  const secret = Uint8Array.from(key.reveal());
  try {
    return generateSync({ strategy: 'hotp', secret, counter, algorithm: hash, digits, guardrails: GUARDRAILS });
  } finally {
    secret.fill(0);
  }
}

/** The TOTP code of a moment (RFC 6238 section 4.2). Throws RangeError before T0. */
export function totp(key: Secret, nowMs: number, parameters: TotpParameters): string {
  const step = timeStep(nowMs, parameters.t0Seconds, parameters.stepSeconds);
  if (step < 0) throw new RangeError('there is no code before T0');
  return hotp(key, step, parameters);
}
