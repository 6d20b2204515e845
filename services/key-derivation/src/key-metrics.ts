import { counter, gauge, histogram } from '@countersign/observe';

const HSM_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1]; // SoftHSM's HMAC takes 0.01 ms

export const HSM_SECONDS = histogram(
  'hsm_seconds',
  'one question to the HSM, repair included',
  ['operation'],
  HSM_BUCKETS,
);
export const HSM_FAILURES = counter('hsm_failures_total', 'questions that the HSM could not answer');
export const HSM_SESSIONS = gauge('hsm_sessions', 'sessions open for work');
export const CACHED_KEYS = gauge('hsm_cached_keys', "device keys held in the HSM's memory");
export const KEY_LOOKUPS = counter('hsm_key_lookups_total', 'device keys asked for, by where they were', ['found']);
export const GUESSES_REFUSED = counter(
  'guesses_refused_total',
  'guesses that were not evaluated: too many wrong ones for one device within a minute',
);
