import { CODE_TYPES, MAX_COUNTER, MAX_NAME_LENGTH, T0_RANGE } from '@countersign/contracts';
import type { CodeType } from '@countersign/contracts';
import { isAlgorithm, isDigits, MAX_SEED_BYTES, MIN_SEED_BYTES } from '@countersign/oath';
import type { Algorithm, Digits } from '@countersign/oath';
import type { Secret } from '@countersign/runtime';
import { Refusal, shown } from './refusal.js';
import { parseSerial } from './serial.js';
import type { Field, Token, TokenLine } from './token-line.js';

/** What a format found for one token. `fields` throws Refusal when they cannot be read. */
export type Entry =
  { line: number; serial: string | undefined; fields: () => Fields } | { line: number; problem: Refusal };

/** As the file has it; what it leaves out is undefined. */
export interface Fields {
  type: unknown;
  algorithm?: unknown;
  digits?: unknown;
  stepSeconds?: unknown;
  t0Seconds?: unknown;
  counter?: unknown;
  label?: string | undefined;
  user?: string | undefined;
  /** Throws Refusal. Asked last, when all else is right. */
  seed: () => Secret;
}

/** Decides whether the platform can take a token. What a file leaves out is what apps assume: SHA1, 6 digits, 30 s, counter 0. */
export function judgeEntry(entry: Entry): TokenLine {
  const { line } = entry;
  let serial: string | undefined;
  try {
    if ('problem' in entry) throw entry.problem;
    serial = parseSerial(entry.serial);
    return tokenOf(line, serial, entry.fields());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { field, why } = error;
    return { kind: 'refused', line, ...(serial !== undefined && { serial }), field, why };
  }
}

function tokenOf(line: number, serial: string, fields: Fields): Token {
  const type = typeOf(fields.type);
  const rest = {
    algorithm: algorithmOf(fields.algorithm ?? 'SHA1'),
    digits: digitsOf(fields.digits ?? 6),
    stepSeconds: type === 'totp' ? whole('stepSeconds', fields.stepSeconds ?? 30, 10, 300) : 30,
    t0Seconds: type === 'totp' ? whole('t0Seconds', fields.t0Seconds ?? 0, ...T0_RANGE) : 0,
    counter: type === 'hotp' ? whole('counter', fields.counter ?? 0, 0, MAX_COUNTER) : 0,
  };
  const label = labelOf(fields.label);
  const user = userOf(fields.user);
  return {
    kind: 'token',
    line,
    serial,
    type,
    ...rest,
    ...(label !== undefined && { label }),
    ...(user !== undefined && { user }),
    seed: sized(fields.seed()),
  };
}

function typeOf(value: unknown): CodeType {
  const type = String(value).toLowerCase();
  const known = CODE_TYPES.find((each) => each === type);
  if (known === undefined) throw new Refusal('type', `${shown(value)} is not taken; totp and hotp are`);
  return known;
}

function algorithmOf(value: unknown): Algorithm {
  const name = String(value)
    .toUpperCase()
    .replace(/^(HMAC-?)?SHA-?/, 'SHA');
  if (!isAlgorithm(name)) throw new Refusal('algorithm', `${shown(value)} is not taken; SHA1, SHA256 and SHA512 are`);
  return name;
}

function digitsOf(value: unknown): Digits {
  const digits = whole('digits', value, 6, 8);
  if (!isDigits(digits)) throw new Refusal('digits', 'should be 6, 7 or 8');
  return digits;
}

/** Takes a number, or a text of decimal digits. */
function whole(field: Field, value: unknown, from: number, to: number): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= from && number <= to) return number;
  throw new Refusal(field, `${shown(value)} is not taken; a whole number from ${from} to ${to} is`);
}

function sized(seed: Secret): Secret {
  const { length } = seed;
  if (length >= MIN_SEED_BYTES && length <= MAX_SEED_BYTES) return seed;
  seed[Symbol.dispose]();
  const right = `${MIN_SEED_BYTES} to ${MAX_SEED_BYTES} bytes are right (RFC 4226 section 4, R6)`;
  throw new Refusal('seed', `${length} bytes, too ${length < MIN_SEED_BYTES ? 'short' : 'long'}; ${right}`);
}

/** May become an account's name, so nothing of it is left out in silence. */
function userOf(text: string | undefined): string | undefined {
  const user = text?.trim() ?? '';
  if (user === '') return undefined;
  if (user.length <= MAX_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(user)) return user;
  throw new Refusal('user', `1 to ${MAX_NAME_LENGTH} characters without control characters are right`);
}

const LONGEST_LABEL = 200;

/** For people only: what cannot be shown is left out. */
function labelOf(text: string | undefined): string | undefined {
  const plain = (text ?? '').replace(/\p{C}/gu, '').trim().slice(0, LONGEST_LABEL);
  return plain === '' ? undefined : plain;
}
