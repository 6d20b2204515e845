/**
 * The time step T = floor((now - T0) / X) of RFC 6238 section 4.2.
 * Negative before T0: no code exists there, and whoever makes a range of steps leaves those out.
 */
export function timeStep(nowMs: number, t0Seconds: number, stepSeconds: number): number {
  if (!(stepSeconds > 0)) throw new RangeError('stepSeconds should be greater than 0');
  return Math.floor((nowMs / 1000 - t0Seconds) / stepSeconds);
}

/** When step `counter` begins, in milliseconds since 1970: the inverse of timeStep. */
export function stepBeginsMs(counter: number, t0Seconds: number, stepSeconds: number): number {
  return (t0Seconds + counter * stepSeconds) * 1000;
}
