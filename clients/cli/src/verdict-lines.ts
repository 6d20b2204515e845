import type { ChallengeVerdict } from '@countersign/contracts';
import { EXIT } from './exit.js';
import type { Screen } from './screen/screen.js';

/** Shows a verdict and says which exit status it means. */
export function showVerdict(screen: Screen, verdict: ChallengeVerdict): number {
  const accepted = verdict.verdict === 'accepted';
  const word = screen.paint(accepted ? 'green' : 'red', verdict.verdict);
  const details = [
    verdict.why ?? verdict.reason,
    verdict.device && `device ${verdict.device}`,
    verdict.triesLeft !== undefined && `${verdict.triesLeft} more for this challenge`,
    verdict.attemptsLeft !== undefined && `${verdict.attemptsLeft} more before everybody has to wait`,
    verdict.retryAfterMs !== undefined && `ask again in ${Math.ceil(verdict.retryAfterMs / 1000)} s`,
    verdict.repeated && 'as told before',
    `ledger sequence ${verdict.sequence}`,
  ].filter(Boolean);
  screen.result(verdict, `${word}: ${details.join(', ')}`);
  return accepted ? EXIT.ok : EXIT.rejected;
}
