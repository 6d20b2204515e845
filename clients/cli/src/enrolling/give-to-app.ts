import type { Verdict } from '@countersign/contracts';
import { buildOtpauth, isDigits, isWidelyUnderstood, type Otpauth } from '@countersign/oath';
import { askPerson } from '../ask-person.js';
import { qrLines } from '../screen/qr.js';
import type { Screen } from '../screen/screen.js';
import { showVerdict } from '../verdict-lines.js';
import type { Enrolled } from './enrol-device.js';

export interface AppParts {
  account: string;
  issuer: string;
  confirm: (code: string) => Promise<Verdict>;
}

/**
 * Shows the key as an authenticator app takes it, which is the point of this road: whoever sees the screen has the key.
 * At a terminal it asks for the app's first code and confirms it; else that is left to `device confirm`.
 */
export async function giveToApp(
  screen: Screen,
  { description, key }: Enrolled,
  { account, issuer, confirm }: AppParts,
): Promise<Verdict | undefined> {
  const { device, profile } = description;
  const { algorithm, digits, stepSeconds, counter } = profile;
  if (!isDigits(digits)) throw new RangeError('digits should be 6, 7 or 8');
  const common = { issuer, account, secret: key, algorithm, digits };
  const otpauth: Otpauth =
    profile.type === 'totp' ? { type: 'totp', ...common, stepSeconds } : { type: 'hotp', ...common, counter };
  const uri = buildOtpauth(otpauth);
  screen.result({ device, uri }, [...qrLines(uri), '', uri]);
  if (!isWidelyUnderstood(otpauth))
    screen.note('many apps ignore algorithm, digits and period without a word: see that the first code is accepted');
  if (screen.json || !process.stdin.isTTY) {
    screen.note(`next, within 15 minutes: countersign device confirm ${account} ${device}`);
    return undefined;
  }
  const verdict = await confirm(await askPerson('The code that the app shows now: '));
  showVerdict(screen, verdict);
  return verdict;
}
