import { canonicalBytes } from '@countersign/pairing/portable';
import type { RecipientKey } from './recipient-key.js';
import type { Recipient } from './recipient.js';
import { open, seal } from './seal.js';

/** What a sealed code is for; it opens only for whoever says the same. */
export interface CodeBinding {
  tenant: string;
  account: string;
  challenge: string;
}

/** Whose the codes of a sealed sheet are. */
export interface SheetBinding {
  tenant: string;
  account: string;
  device: string;
}

const utf8 = new TextEncoder();

/** What is sealed for a purpose opens for no other one: its name is HPKE's info, and the first field of what is bound. */
function binding(purpose: string, fields: string[], { name }: Pick<Recipient, 'name'>) {
  return [utf8.encode(purpose), canonicalBytes(purpose, [...fields, name])] as const;
}
const ofCode = ({ tenant, account, challenge }: CodeBinding, recipient: Pick<Recipient, 'name'>) =>
  binding('countersign code v1', [tenant, account, challenge], recipient);
const ofSheet = ({ tenant, account, device }: SheetBinding, recipient: Pick<Recipient, 'name'>) =>
  binding('countersign sheet v1', [tenant, account, device], recipient);

/** Seals a challenge's code to a recipient. */
export const sealCode = (recipient: Recipient, bound: CodeBinding, code: string): Promise<Uint8Array> =>
  seal(recipient.point, ...ofCode(bound, recipient), utf8.encode(code));

/** The code. Throws SealingError 'sealed' when it was sealed to somebody else or for another challenge. */
export const openCode = async (key: RecipientKey, bound: CodeBinding, sealed: Uint8Array): Promise<string> =>
  new TextDecoder().decode(await open(key, ...ofCode(bound, key), sealed));

/** Seals a sheet's codes, one a line. */
export const sealSheet = (recipient: Recipient, bound: SheetBinding, codes: readonly string[]): Promise<Uint8Array> =>
  seal(recipient.point, ...ofSheet(bound, recipient), utf8.encode(codes.join('\n')));

/** The codes, in their order. Throws SealingError 'sealed' as openCode does. */
export const openSheet = async (key: RecipientKey, bound: SheetBinding, sealed: Uint8Array): Promise<string[]> =>
  new TextDecoder().decode(await open(key, ...ofSheet(bound, key), sealed)).split('\n');
