import { Failure, type IssueChallengeReply } from '@countersign/contracts';
import { openCode as openSealed, type RecipientKey } from '@countersign/sealing';

export { RecipientKey, makeRecipient } from '@countersign/sealing';

/**
 * The code that `issueChallenge` with `sealTo` answered. Throws SealingError when it was sealed to another key or for another
 * challenge, INVALID_ARGUMENT when the answer has none.
 */
export async function openCode(
  key: RecipientKey,
  { challenge, code }: Pick<IssueChallengeReply, 'challenge' | 'code'>,
): Promise<string> {
  if (code === undefined) throw new Failure('INVALID_ARGUMENT', 'the code was not sealed to the caller');
  const { tenant, account, sealed } = code;
  return openSealed(key, { tenant, account, challenge }, Buffer.from(sealed, 'base64url'));
}
