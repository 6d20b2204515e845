import { createHash } from 'node:crypto';
import { CODE_LETTERS, type DeliverRequest } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { openCode, type RecipientKey } from '@countersign/sealing';
import { unsendable } from '../channels/unsendable.js';

/** What the key service issues and nothing else: whoever can seal to us cannot have us send words of his. */
const CODE = new RegExp(`^(?:[0-9]{6,8}|[${CODE_LETTERS}]{4,10})$`);
const ID_BYTES = 15;

/** The code. Throws INVALID_ARGUMENT when it was not sealed to us for this challenge. */
export async function openSealed(key: RecipientKey, { sealed, ...binding }: DeliverRequest): Promise<Secret> {
  const code = await openCode(key, binding, Buffer.from(sealed, 'base64url')).catch(() => undefined);
  if (code === undefined || !CODE.test(code))
    throw unsendable('sealed', 'a code sealed to delivery for this challenge');
  return Secret.fromText(code);
}

/** Names a message for good: sealing anew, even of the same code, gives another. */
export const idOf = ({ sealed }: Pick<DeliverRequest, 'sealed'>): string =>
  createHash('sha256').update(sealed).digest().subarray(0, ID_BYTES).toString('hex');
