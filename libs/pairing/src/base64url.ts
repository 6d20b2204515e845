import { PairingError } from './pairing-error.js';

/**
 * Reads base64url without padding (RFC 4648 section 5), strictly: one text for one value, so that nobody can send the
 * same bytes in two spellings. Throws PairingError 'encoding' for anything else, or for another length.
 */
export function fromBase64url(text: string, field: string, lengthBytes?: number): Buffer {
  if (typeof text !== 'string') throw new PairingError('encoding', `${field} is no text`); // it came over the network
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new PairingError('encoding', `${field} is not base64url`);
  if (lengthBytes !== undefined && bytes.length !== lengthBytes)
    throw new PairingError('encoding', `${field} has ${bytes.length} bytes, not ${lengthBytes}`);
  return bytes;
}

export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
