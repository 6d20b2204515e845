import type { Field } from './token-line.js';

/** One token is refused; the file is read on. */
export class Refusal extends Error {
  constructor(
    readonly field: Field,
    readonly why: string,
  ) {
    super(why);
  }
}

const LONGEST_SHOWN = 48;
/** 16 bytes in hexadecimal, base32 or base64 have 22 characters at least. */
const COULD_BE_A_SEED = /[A-Za-z0-9+/=]{22}/;

/** A value from the file, for people; anything that could be a seed in the wrong place is not shown. */
export function shown(value: unknown): string {
  const text = String(value);
  if (text.length > LONGEST_SHOWN || !/^[\x21-\x7e]+$/.test(text) || COULD_BE_A_SEED.test(text)) return 'what it says';
  return JSON.stringify(text);
}
