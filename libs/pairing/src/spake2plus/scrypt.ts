import { scryptAsync } from '@noble/hashes/scrypt.js';

/** scrypt's cost (RFC 7914 section 2): N in memory and time, r in block size, p in parallel. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/**
 * What it costs to make w0 and w1 out of a password, by number: a number once used never changes its meaning.
 *
 * 1: 32 MiB. On one slow core 0.3 s in JavaScript, half of it in Node's thread; so about a second on a phone. RFC 9383
 * section 3.2 asks for a hash that is hard on memory. Whoever steals a record still finds six digits within a day, so what
 * counts is that a record lives for two minutes, in one process's memory.
 */
export const SCRYPT_COSTS = { 1: { N: 2 ** 15, r: 8, p: 1 } } as const satisfies Record<number, ScryptCost>;
export type ScryptCostNumber = keyof typeof SCRYPT_COSTS;

/** Injected, so that a server computes it in a thread (`nodeScrypt`) and a browser in JavaScript. */
export type Scrypt = (
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  lengthBytes: number,
) => Promise<Uint8Array>;

/** In JavaScript anywhere. Gives way to others every 10 ms. */
export const portableScrypt: Scrypt = (password, salt, cost, lengthBytes) =>
  scryptAsync(password, salt, { ...cost, dkLen: lengthBytes });
