import { readFileSync } from 'node:fs';
import { read } from '../read.js';
import type { ReadOptions } from '../read.js';
import type { Refused, Token } from '../token-line.js';

export const VECTORS = new URL('../../../../test/vectors/token-files/', import.meta.url);

export const vector = (name: string): Buffer => readFileSync(new URL(name, VECTORS));

/** A file that comes in pieces of so many bytes. */
export async function* bytesOf(file: string | Uint8Array, pieceBytes = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file);
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
}

export type Plain = Omit<Token, 'seed'> & { seed_hex: string };

/** All of a file, with the seeds in hexadecimal. */
export async function plainOf(
  file: string | Uint8Array,
  options: ReadOptions = {},
  pieceBytes?: number,
): Promise<{ tokens: Plain[]; refused: Refused[] }> {
  const tokens: Plain[] = [];
  const refused: Refused[] = [];
  for await (const told of read(bytesOf(file, pieceBytes), options)) {
    if (told.kind === 'refused') refused.push(told);
    else {
      const { seed, ...rest } = told;
      tokens.push({ ...rest, seed_hex: seed.reveal().toString('hex') });
    }
  }
  return { tokens, refused };
}

/** What reading the file throws. */
export async function errorOf(file: string | Uint8Array, options?: ReadOptions): Promise<unknown> {
  try {
    await plainOf(file, options);
  } catch (error) {
    return error;
  }
  return undefined;
}
