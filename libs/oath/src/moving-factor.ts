import { factorBytes } from './factor-bytes.js';

/** factorBytes as a Buffer, for Node. */
export function counterBytes(counter: number): Buffer {
  return Buffer.from(factorBytes(counter).buffer);
}
