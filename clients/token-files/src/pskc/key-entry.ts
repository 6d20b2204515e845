import type { Secret } from '@countersign/runtime';
import { seedFromBase64 } from '../encodings.js';
import type { Entry, Fields } from '../judge-entry.js';
import { Refusal, shown } from '../refusal.js';
import { find, textAt } from './elements.js';
import type { Element } from './elements.js';

/** Throws Refusal or TokenFileError. */
type Open = (data: Element) => Secret;

export interface Opener {
  /** for encrypted values */
  open: Open;
  /** not where a key is given or named: on its way, a secret that is known to somebody could take an encrypted one's place */
  mayBePlain: boolean;
}

/** What a `<Key>` of a `<KeyPackage>` says (RFC 6030 sections 4 and 5). */
export function keyEntry(keyPackage: Element, key: Element, opener: Opener): Entry {
  return {
    line: key.line,
    serial: textAt(keyPackage, 'DeviceInfo', 'SerialNo') ?? key.attributes['Id'],
    fields: () => fieldsOf(keyPackage, key, opener),
  };
}

function fieldsOf(keyPackage: Element, key: Element, opener: Opener): Fields {
  const parameters = find(key, 'AlgorithmParameters');
  const number = (name: string): unknown => numberAt(find(key, 'Data', name), opener.open);
  const type = typeOf(key.attributes['Algorithm']);
  checkPolicy(find(key, 'Policy'));
  return {
    type,
    algorithm: textAt(parameters, 'Suite'),
    digits: digitsOf(find(parameters, 'ResponseFormat')),
    ...(type === 'hotp'
      ? { counter: number('Counter') }
      : { t0Seconds: number('Time'), stepSeconds: number('TimeInterval') }),
    label: textAt(key, 'FriendlyName'),
    user: textAt(key, 'UserId') ?? textAt(keyPackage, 'DeviceInfo', 'UserId'),
    seed: () => seedOf(find(key, 'Data', 'Secret'), opener),
  };
}

/** `urn:ietf:params:xml:ns:keyprov:pskc:hotp` (RFC 6030 section 10), `...:totp` (IANA's registry), and the drafts' `#`. */
function typeOf(uri: string | undefined): 'hotp' | 'totp' {
  const type = /pskc[:#](hotp|totp)$/i.exec(uri ?? '')?.[1]?.toLowerCase();
  if (type === 'hotp' || type === 'totp') return type;
  throw new Refusal('type', `Key Algorithm ${shown(uri)} is not taken; ...:pskc:hotp and ...:pskc:totp are`);
}

function digitsOf(format: Element | undefined): string {
  const { Length: length, Encoding: encoding, CheckDigits: checkDigits = 'false' } = format?.attributes ?? {};
  if (length === undefined) throw new Refusal('digits', 'ResponseFormat should say the Length (RFC 6030 section 10.1)');
  if (encoding?.toUpperCase() !== 'DECIMAL')
    throw new Refusal('digits', 'the Encoding of ResponseFormat should be DECIMAL');
  if (!/^(false|0)$/.test(checkDigits)) throw new Refusal('digits', 'codes with check digits are not taken');
  return length;
}

/** Section 5: whoever takes a key keeps its policy, and takes none whose policy it does not know. */
function checkPolicy(policy: Element | undefined): void {
  for (const { name, text, attributes } of policy?.children ?? []) {
    if (name === 'StartDate' || name === 'ExpiryDate') continue; // for whoever hands the tokens out
    if (name === 'KeyUsage' && text.trim() === 'OTP') continue;
    if (name === 'PINPolicy' && (attributes['PINUsageMode'] ?? 'Local') === 'Local') continue; // the token asks for it itself
    throw new Refusal('policy', `${shown(name)} cannot be kept; KeyUsage OTP and PINs the token checks itself can`);
  }
}

const MOST_BYTES = 8;

/** Plain: decimal digits. Encrypted: big-endian, 8 bytes at most (RFC 6030 section 4.2). */
function numberAt(data: Element | undefined, open: Open): unknown {
  if (!find(data, 'EncryptedValue')) return textAt(data, 'PlainValue');
  using plain = open(data as Element);
  if (plain.length < 1 || plain.length > MOST_BYTES) return NaN;
  return Number(BigInt(`0x${plain.reveal().toString('hex')}`));
}

function seedOf(data: Element | undefined, { open, mayBePlain }: Opener): Secret {
  const plain = textAt(data, 'PlainValue');
  if (plain !== undefined && !mayBePlain)
    throw new Refusal(
      'encryption',
      'a plain Secret, where a key is given or named; encrypted ones only are taken there',
    );
  if (plain !== undefined) return seedFromBase64(plain);
  if (data && find(data, 'EncryptedValue')) return open(data);
  throw new Refusal('seed', 'no Secret with a PlainValue or an EncryptedValue: the key itself is not in the file');
}
