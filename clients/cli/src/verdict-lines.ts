import type { Verdict } from '@countersign/contracts';
import { EXIT } from './exit.js';
import type { Screen } from './screen/screen.js';

/** Shows a verdict and says which exit status it means. */
export function showVerdict(screen: Screen, verdict: Verdict): number {
  const accepted = verdict.verdict === 'accepted';
  const word = screen.paint(accepted ? 'green' : 'red', verdict.verdict);
  const details = [
    verdict.reason,
    verdict.device && `device ${verdict.device}`,
    verdict.attemptsLeft !== undefined && `${verdict.attemptsLeft} more before everybody has to wait`,
    verdict.retryAfterMs !== undefined && `ask again in ${Math.ceil(verdict.retryAfterMs / 1000)} s`,
    verdict.repeated && 'as told before',
    `ledger sequence ${verdict.sequence}`,
  ].filter(Boolean);
  screen.result(verdict, `${word}: ${details.join(', ')}`);
  return accepted ? EXIT.ok : EXIT.rejected;
}
