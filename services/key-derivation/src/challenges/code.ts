import { CODE_LETTERS } from '@countersign/contracts';
import type { ChallengeItem, CodeForm, CodeKind } from '@countersign/contracts';
import { canonical, fromBase64url } from '@countersign/pairing';

const ALPHABETS: Record<CodeKind, string> = { digits: '0123456789', letters: CODE_LETTERS };
/** Of the MAC: so many that no code is likelier than another by more than one part in 2^84. */
const USED_BYTES = 16;

/** What a challenge's code is the MAC of: nothing about the challenge can change without changing the code. */
export function challengeMessage({
  tenant,
  account,
  challenge,
  purpose = '',
  context,
  nonce,
  form,
}: ChallengeItem): Buffer {
  const bound = [fromBase64url(context, 'context'), fromBase64url(nonce, 'nonce'), form.kind, form.length];
  return canonical('countersign challenge v1', [tenant, account, challenge, purpose, ...bound]);
}

/** The code that a MAC shows: its first 128 bits as one number, in the alphabet's base, the last `length` places. */
export function challengeCode(mac: Uint8Array, { kind, length }: CodeForm): string {
  if (mac.length < USED_BYTES) throw new RangeError(`a MAC of ${mac.length} bytes shows no code`);
  const alphabet = ALPHABETS[kind];
  const base = BigInt(alphabet.length);
  let rest = 0n;
  for (const byte of mac.subarray(0, USED_BYTES)) rest = (rest << 8n) | BigInt(byte);
  let code = '';
  while (code.length < length) {
    code = alphabet[Number(rest % base)]! + code;
    rest /= base;
  }
  return code;
}
