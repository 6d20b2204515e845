import { profileOf, type Profile, type ProfileFields } from '@countersign/contracts';

const STEP_SECONDS = 300;
const STEPS_PAST = 1000;
const INTO_STEP_SECONDS = 10;

/**
 * A whole profile from what a test asks for; HOTP unless it says otherwise. TOTP without a T0 of its own gets a step so
 * long, and so lately begun, that no test runs into its end.
 */
export function steadyProfile(fields: Partial<ProfileFields>, nowMs: number): Profile {
  const type = fields.type ?? 'hotp';
  if (type === 'hotp' || fields.t0Seconds !== undefined) return profileOf({ ...fields, type });
  const stepSeconds = fields.stepSeconds ?? STEP_SECONDS;
  const t0Seconds = Math.floor(nowMs / 1000) - STEPS_PAST * stepSeconds - Math.min(INTO_STEP_SECONDS, stepSeconds / 3);
  return profileOf({ ...fields, type, stepSeconds, t0Seconds: Math.floor(t0Seconds) });
}

/** HOTP: the first counter. TOTP: the step before the present one, which is accepted too, so that three can be used. */
export function firstCounter({ type, counter, stepSeconds, t0Seconds }: Profile, nowMs: number): number {
  return type === 'hotp' ? counter : stepAt(nowMs, { stepSeconds, t0Seconds }) - 1;
}

/** RFC 6238 section 4.2. */
export const stepAt = (nowMs: number, { stepSeconds, t0Seconds }: Pick<Profile, 'stepSeconds' | 't0Seconds'>): number =>
  Math.floor((nowMs / 1000 - t0Seconds) / stepSeconds);
