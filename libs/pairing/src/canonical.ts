import { canonicalBytes } from './canonical-bytes.js';
import type { Field } from './canonical-bytes.js';

/** The canonical form as a Buffer, for Node. */
export function canonical(domain: string, fields: readonly Field[]): Buffer {
  const bytes = canonicalBytes(domain, fields);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
