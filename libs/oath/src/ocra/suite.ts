import { ALGORITHMS } from '../algorithm.js';
import type { Algorithm } from '../algorithm.js';

/** N: decimal digits. A: letters and digits. H: hexadecimal digits. */
export type QuestionFormat = 'A' | 'N' | 'H';

/** What an OCRA suite says (RFC 6287 section 6): how a response is made, and of what. */
export interface OcraSuite {
  /** as it was written: it is hashed, too */
  text: string;
  algorithm: Algorithm;
  /** of a response; 0: the whole MAC */
  digits: number;
  /** C: a counter that moves with each response */
  counter: boolean;
  question: { format: QuestionFormat; maxLength: number };
  /** P: the hash of a PIN that both ends know */
  pinHash?: Algorithm;
  /** S: what both ends know of their session, filled up to this length */
  sessionBytes?: number;
  /** T: the length of a time step since 1970 */
  stepSeconds?: number;
}

const STEP_UNITS: Record<string, { seconds: number; most: number }> = {
  S: { seconds: 1, most: 59 },
  M: { seconds: 60, most: 59 },
  H: { seconds: 3600, most: 48 },
};
const MAX_SESSION_BYTES = 512;

/**
 * Reads a suite: `OCRA-1:HOTP-<hash>-<digits>:[C-]Q<format><length>[-P<hash>][-S<length>][-T<step>]`. Nothing is assumed
 * where a part is missing, since the text itself is hashed. Throws RangeError that begins with the part that is wrong.
 */
export function parseSuite(text: string): OcraSuite {
  const [version, crypto, input, ...more] = text.split(':');
  if (version !== 'OCRA-1') throw wrong('the version', 'OCRA-1', version);
  const [, hash, digits] = /^HOTP-([^-]*)-(0|[4-9]|10)$/.exec(crypto ?? '') ?? [];
  if (digits === undefined) throw wrong('the function', 'HOTP-<hash>-<0 or 4 to 10 digits>', crypto);
  const algorithm = hashIn(hash!, 'the hash');
  if (input === undefined || more.length > 0) throw wrong('the suite', 'three parts with a colon between', text);
  const suite = { text, algorithm, digits: Number(digits) };
  return { ...suite, ...readInput(input.split('-')) };
}

/** The parts of the data input, in their order; each takes its own from the front. */
function readInput(
  parts: string[],
): Pick<OcraSuite, 'counter' | 'question' | 'pinHash' | 'sessionBytes' | 'stepSeconds'> {
  const taken = (letter: string): string | undefined => (parts[0]?.startsWith(letter) ? parts.shift() : undefined);
  const counter = taken('C');
  if (counter !== undefined && counter !== 'C') throw wrong('the counter', 'C', counter);
  const question = readQuestion(taken('Q') ?? parts[0]);
  const [pin, session, step] = [taken('P'), taken('S'), taken('T')];
  if (parts.length > 0) throw wrong('the data input', '[C-]Q[-P][-S][-T], in this order', parts[0]);
  return {
    counter: counter !== undefined,
    question,
    ...(pin !== undefined && { pinHash: hashIn(pin.slice(1), 'the hash of the PIN') }),
    ...(session !== undefined && { sessionBytes: readSession(session) }),
    ...(step !== undefined && { stepSeconds: readStep(step) }),
  };
}

function readQuestion(part: string | undefined): OcraSuite['question'] {
  const [, format, length] = /^Q([ANH])(0[4-9]|[1-5][0-9]|6[0-4])$/.exec(part ?? '') ?? [];
  if (format === undefined) throw wrong('the question', 'QA, QN or QH and its length from 04 to 64', part);
  return { format: format as QuestionFormat, maxLength: Number(length) };
}

function readSession(part: string): number {
  const length = /^S[0-9]{3}$/.test(part) ? Number(part.slice(1)) : 0;
  if (length < 1 || length > MAX_SESSION_BYTES) throw wrong('the session', 'S and its length from 001 to 512', part);
  return length;
}

function readStep(part: string): number {
  const [, count, unit] = /^T([1-9][0-9]?)([SMH])$/.exec(part) ?? [];
  const rule = STEP_UNITS[unit ?? ''];
  if (rule === undefined || Number(count) > rule.most)
    throw wrong('the time step', 'T and 1-59S, 1-59M or 1-48H', part);
  return Number(count) * rule.seconds;
}

function hashIn(name: string, part: string): Algorithm {
  const hash = ALGORITHMS.find((each) => each === name);
  if (hash === undefined) throw wrong(part, ALGORITHMS.join(', '), name);
  return hash;
}

const wrong = (part: string, right: string, given: string | undefined): RangeError =>
  new RangeError(`${part} of an OCRA suite should be ${right}, not ${JSON.stringify(given ?? '')}`);
