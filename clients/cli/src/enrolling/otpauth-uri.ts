import type { Profile } from '@countersign/contracts';
import { buildOtpauth, isDigits, isWidelyUnderstood, type Otpauth } from '@countersign/oath';
import type { Secret } from '@countersign/runtime';
import { Unusable } from '../exit.js';
import type { Screen } from '../screen/screen.js';

/** The otpauth URI of a key, or of the server's part of one; warns of what many apps do not understand. */
export function otpauthUri(
  screen: Screen,
  { issuer, account, profile, secret }: { issuer: string; account: string; profile: Profile; secret: Secret },
): string {
  const { type, algorithm, digits, stepSeconds, counter } = profile;
  if (type === 'ocra')
    throw new Unusable('no authenticator app answers questions: use --method here, pin or activation');
  if (!isDigits(digits)) throw new RangeError('digits should be 6, 7 or 8');
  const common = { issuer, account, secret, algorithm, digits };
  const otpauth: Otpauth = type === 'totp' ? { type, ...common, stepSeconds } : { type, ...common, counter };
  if (!isWidelyUnderstood(otpauth))
    screen.note('many apps ignore algorithm, digits and period without a word: see that the first code is accepted');
  return buildOtpauth(otpauth);
}
