import { canonicalBytes } from '@countersign/pairing/portable';
import type { RecipientKey } from './recipient-key.js';
import { open, seal } from './seal.js';

/** What a sealed code is for; it opens only for whoever says the same. */
export interface CodeBinding {
  tenant: string;
  account: string;
  challenge: string;
}

const utf8 = new TextEncoder();
const INFO = utf8.encode('countersign code v1');
const aadOf = ({ tenant, account, challenge }: CodeBinding, recipient: string): Uint8Array =>
  canonicalBytes('countersign code v1', [tenant, account, challenge, recipient]);

/** Seals a challenge's code to a recipient. */
export const sealCode = (
  { name, point }: { name: string; point: Uint8Array },
  binding: CodeBinding,
  code: string,
): Promise<Uint8Array> => seal(point, INFO, aadOf(binding, name), utf8.encode(code));

/** The code. Throws SealingError 'sealed' when it was sealed to somebody else or for another challenge. */
export const openCode = async (key: RecipientKey, binding: CodeBinding, sealed: Uint8Array): Promise<string> =>
  new TextDecoder().decode(await open(key, INFO, aadOf(binding, key.name), sealed));
