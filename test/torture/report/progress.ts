import type { Tally } from './tally.js';

const EVERY_MS = 5000;

/** One line every few seconds, on standard error: what was done, what is broken, what fails. Returns its end. */
export function showProgress(tally: Tally, write: (line: string) => void): () => void {
  const beganMs = performance.now();
  let [lastMs, lastVerdicts] = [beganMs, 0];
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const rate = ((tally.verdicts - lastVerdicts) * 1000) / (nowMs - lastMs);
    [lastMs, lastVerdicts] = [nowMs, tally.verdicts];
    const parts = [
      timeOf(nowMs - beganMs),
      `${tally.codes} codes`,
      `${Math.round(rate)} verdicts/s`,
      ...[...tally.failures].map(([code, times]) => `${code} ${times}`),
      ...(tally.suspicions.length > 0 ? [`SUSPECT ${tally.suspicions.length}`] : []),
      ...[...tally.notDone].map(([fault, times]) => `NOT DONE ${fault} ${times}`),
      tally.inForce.join(', '),
    ];
    write(parts.filter((part) => part !== '').join('  '));
  }, EVERY_MS);
  return () => clearInterval(timer);
}

const timeOf = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
