import { randomBytes } from 'node:crypto';

/** Randomness as an argument, where there may be no Buffer. */
export interface RandomBytes {
  bytes(length: number): Uint8Array;
}

/** Randomness as an argument. */
export interface Random extends RandomBytes {
  bytes(length: number): Buffer;
}

export class SystemRandom implements Random {
  bytes(length: number): Buffer {
    return randomBytes(length);
  }
}
