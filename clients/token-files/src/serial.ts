import { Refusal } from './refusal.js';

/** Shorter than any seed that could be taken (16 bytes are 26 characters of base32): a seed in the wrong column is no serial. */
const SERIAL = /^[A-Za-z0-9._:-]{1,25}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Throws Refusal, which does not show the text. */
export function parseSerial(text: string | undefined): string {
  const serial = text?.trim() ?? '';
  if (SERIAL.test(serial) || UUID.test(serial)) return serial;
  throw new Refusal(
    'serial',
    serial === ''
      ? 'there is none; each token needs its own'
      : 'not a serial: 1 to 25 of A-Z a-z 0-9 . _ : - or a UUID (is it in the right column?)',
  );
}
