import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Scrypt } from './spake2plus/scrypt.js';

const inThread = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt);
/** scrypt holds 128 * N * r bytes, and a little more; Node refuses less than it needs. */
const MAX_BYTES = 64 * 1024 * 1024;

/** scrypt in a thread of Node's: a service goes on answering meanwhile. */
export const nodeScrypt: Scrypt = (password, salt, cost, lengthBytes) =>
  inThread(password, salt, lengthBytes, { ...cost, maxmem: MAX_BYTES });
