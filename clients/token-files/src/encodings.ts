import { decodeBase32 } from '@countersign/oath';
import { Secret } from '@countersign/runtime';
import { Refusal } from './refusal.js';

/** Copies the bytes and zeroes where they came from. */
export function taken(bytes: Uint8Array): Secret {
  const secret = new Secret(bytes);
  bytes.fill(0);
  return secret;
}

/** Undefined when it is no hexadecimal. */
export function fromHex(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || text.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(text)) return undefined;
  return Buffer.from(text, 'hex');
}

/** RFC 4648 section 4, with padding; blanks are allowed, as XML wraps it. Undefined when it is something else. */
export function fromBase64(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  const plain = text.replace(/[ \t\r\n]/g, '');
  if (plain === '' || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  return Buffer.from(plain, 'base64');
}

/** Throws Refusal. */
export function seedFromHex(text: string | undefined): Secret {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Refusal('seed', 'not hexadecimal, two digits a byte');
  return taken(bytes);
}

/** Throws Refusal. */
export function seedFromBase64(text: string | undefined): Secret {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new Refusal('seed', 'not base64 (RFC 4648 section 4)');
  return taken(bytes);
}

/** Throws Refusal. */
export function seedFromBase32(text: unknown): Secret {
  try {
    return decodeBase32(typeof text === 'string' ? text : '');
  } catch {
    throw new Refusal('seed', 'not base32 (RFC 4648 section 6)');
  }
}
