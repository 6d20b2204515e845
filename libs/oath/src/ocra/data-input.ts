import { HASH_SIZES } from '../algorithm.js';
import { factorBytes } from '../factor-bytes.js';
import { codeFromMac } from '../truncate.js';
import { questionBytes } from './question.js';
import type { OcraSuite } from './suite.js';

/** What a response is made of, beside the key. A part that the suite does not name is not looked at. */
export interface OcraInputs {
  /** in mutual challenge-response both ends' questions, one after the other (RFC 6287 section 7.2) */
  question: string;
  counter?: number;
  /** of the hash's own length */
  pinHash?: Uint8Array;
  session?: Uint8Array;
  /** whole steps since 1970 */
  step?: number;
}

/**
 * The message that is MACed (RFC 6287 section 5.1): the suite's text, a zero, then C, Q, P, S and T as far as the suite
 * names them, each of a fixed length. Throws RangeError where one is missing or does not fit.
 */
export function dataInput(suite: OcraSuite, inputs: OcraInputs): Uint8Array {
  const { counter, pinHash, sessionBytes, stepSeconds } = suite;
  const parts: Uint8Array[] = [new TextEncoder().encode(`${suite.text}\0`)];
  if (counter) parts.push(factorBytes(given(inputs.counter, 'a counter')));
  parts.push(questionBytes(suite, inputs.question));
  if (pinHash !== undefined)
    parts.push(ofLength(given(inputs.pinHash, 'the hash of a PIN'), HASH_SIZES[pinHash].macBytes));
  if (sessionBytes !== undefined) parts.push(filledFromLeft(given(inputs.session, 'a session'), sessionBytes));
  if (stepSeconds !== undefined) parts.push(factorBytes(given(inputs.step, 'a time step')));
  return joined(parts);
}

/** The response that a MAC over the data input shows: its digits, or all of it in hexadecimal where the suite has 0. */
export function responseFromMac({ digits }: OcraSuite, mac: Uint8Array): string {
  if (digits > 0) return codeFromMac(mac, digits);
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`this OCRA suite asks for ${what}`);
  return value;
}

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new RangeError(`the hash of the PIN has ${length} bytes, not ${bytes.length}`);
  return bytes;
}

function filledFromLeft(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > length) throw new RangeError(`the session has ${length} bytes at most, not ${bytes.length}`);
  const filled = new Uint8Array(length);
  filled.set(bytes, length - bytes.length);
  return filled;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
