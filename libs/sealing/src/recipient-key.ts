import { base64urlOfBytes } from '@countersign/pairing/portable';
import type { webcrypto } from 'node:crypto';
import { checkName, formatRecipient, readBytes, type Recipient } from './recipient.js';
import { SealingError } from './sealing-error.js';
import { KEYS, POINT_BYTES, SCALAR_BYTES } from './suite.js';

const PREFIX = 'csrec1-private';

/** The private half: held by WebCrypto, which does not give it out again. */
export class RecipientKey implements Recipient {
  private constructor(
    readonly name: string,
    readonly point: Uint8Array,
    readonly pair: webcrypto.CryptoKeyPair,
  ) {}

  /** Reads `csrec1-private.<name>.<point>.<scalar>`, both as base64url. Throws SealingError 'text'. */
  static async read(line: string): Promise<RecipientKey> {
    const [prefix, nameText = '', pointText, scalarText, ...more] = line.trim().split('.');
    if (prefix !== PREFIX || more.length > 0) throw new SealingError('text', `not a private key, ${PREFIX}.<name>.…`);
    const name = checkName(nameText);
    const point = readBytes(pointText, 'the point', POINT_BYTES);
    readBytes(scalarText, 'the private key', SCALAR_BYTES);
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64urlOfBytes);
    const open = { kty: 'EC', crv: 'P-256', x: x!, y: y! };
    try {
      const publicKey = await importKey(open, []);
      const privateKey = await importKey({ ...open, d: scalarText! }, ['deriveBits']); // refused when the halves differ
      return new RecipientKey(name, point, { publicKey, privateKey });
    } catch {
      throw new SealingError('text', 'the private key and the point do not belong together'); // the cause could show them
    }
  }
}

/** A new pair. The private text is the key itself: it belongs in a file that only its owner reads. */
export async function makeRecipient(name: string): Promise<{ publicText: string; privateText: string }> {
  checkName(name);
  const pair = await KEYS.generateKeyPair();
  const point = new Uint8Array(await KEYS.serializePublicKey(pair.publicKey));
  const scalar = new Uint8Array(await KEYS.serializePrivateKey(pair.privateKey));
  const privateText = [PREFIX, name, base64urlOfBytes(point), base64urlOfBytes(scalar)].join('.');
  scalar.fill(0);
  return { publicText: formatRecipient({ name, point }), privateText };
}

const importKey = (jwk: webcrypto.JsonWebKey, usages: webcrypto.KeyUsage[]): Promise<webcrypto.CryptoKey> =>
  globalThis.crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, usages.length === 0, usages);
