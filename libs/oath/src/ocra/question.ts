import type { OcraSuite, QuestionFormat } from './suite.js';

const QUESTION_BYTES = 128;

const FORMATS: Record<QuestionFormat, { rule: RegExp; hex: (question: string) => string }> = {
  N: { rule: /^[0-9]+$/, hex: (question) => BigInt(question).toString(16) },
  H: { rule: /^[0-9A-Fa-f]+$/, hex: (question) => question },
  A: { rule: /^[0-9A-Za-z]+$/, hex: (question) => Array.from(question, hexOf).join('') },
};

/**
 * A question as it is hashed: decimal digits as the number that they are, in hexadecimal; then filled with zeros from the
 * right, half a byte at a time (RFC 6287 section 5.1 and the program in its appendix A). Throws RangeError.
 */
export function questionBytes({ question: { format, maxLength } }: OcraSuite, question: string): Uint8Array {
  const { rule, hex } = FORMATS[format];
  if (!rule.test(question) || question.length > 2 * maxLength)
    throw new RangeError(`a question of this OCRA suite has at most ${maxLength} characters of the format ${format}`);
  const filled = hex(question).padEnd(2 * QUESTION_BYTES, '0');
  return Uint8Array.from({ length: QUESTION_BYTES }, (_, at) => Number.parseInt(filled.slice(2 * at, 2 * at + 2), 16));
}

const hexOf = (character: string): string => character.charCodeAt(0).toString(16);

// Crockford's base32 for letters and digits: people read questions and type them
const ALPHABETS: Record<QuestionFormat, string> = {
  N: '0123456789',
  H: '0123456789abcdef',
  A: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
};

/** The question of a suite's format and full length that 32 random bytes, or a digest, stand for. */
export function questionFrom({ question: { format, maxLength } }: OcraSuite, bytes: Uint8Array): string {
  const alphabet = ALPHABETS[format];
  const base = BigInt(alphabet.length);
  let rest = bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  let question = '';
  while (question.length < maxLength) {
    question = alphabet[Number(rest % base)]! + question;
    rest /= base;
  }
  return question;
}

/** How many bits a question has: what somebody has to guess to meet one that was asked. */
export const questionBits = ({ question: { format, maxLength } }: OcraSuite): number =>
  Math.floor(maxLength * Math.log2(ALPHABETS[format].length));

/** Whether a text is a question of this suite in its full length, so that two in a row are told apart. */
export const isFullQuestion = ({ question: { format, maxLength } }: OcraSuite, text: string): boolean =>
  text.length === maxLength && FORMATS[format].rule.test(text);
