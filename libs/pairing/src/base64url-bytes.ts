import { base64urlnopad } from '@scure/base';
import { PairingError } from './pairing-error.js';

/** What fromBase64url does, where there is no Buffer: one text for one value. Throws PairingError 'encoding'. */
export function bytesFromBase64url(text: unknown, field: string, lengthBytes: number): Uint8Array {
  if (typeof text !== 'string') throw new PairingError('encoding', `${field} is no text`);
  let bytes: Uint8Array;
  try {
    bytes = base64urlnopad.decode(text);
  } catch {
    throw new PairingError('encoding', `${field} is not base64url`); // without the cause, which shows the text
  }
  if (bytes.length !== lengthBytes)
    throw new PairingError('encoding', `${field} has ${bytes.length} bytes, not ${lengthBytes}`);
  return bytes;
}

export function base64urlOfBytes(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}
