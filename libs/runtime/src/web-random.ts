import type { RandomBytes } from './random.js';

/** The random numbers of the Web Cryptography API, in browsers and in Node. */
export class WebRandom implements RandomBytes {
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return globalThis.crypto.getRandomValues(new Uint8Array(length));
  }
}
