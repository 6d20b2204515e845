import { seedFromHex } from '../encodings.js';
import type { Entry } from '../judge-entry.js';
import { Refusal } from '../refusal.js';
import type { Cells } from './read-csv.js';

/** The first cell of the personalization tool's traditional log. */
const TRADITIONAL = /^(oath-hotp|yubico otp|static password|challenge-response\b.*|configuration (update|swap))$/i;
const LOGGING_START = /^logging start$/i;
const DIGITS_AT = 11;
const COUNTER_AT = 12;

export const isLogStart = ([first]: Cells): boolean => LOGGING_START.test(first ?? '');

/** Whether a row is from the personalization tool; privacyIDEA's has a type in its third column. */
export function isYubico(cells: Cells): boolean {
  const [first = '', , third = ''] = cells;
  if (TRADITIONAL.test(first) || isLogStart(cells)) return true;
  return cells.length >= 6 && /^\d+$/.test(first) && !/^[a-z]+$/i.test(third);
}

/**
 * Traditional: `OATH-HOTP, time, slot, public id, , key, , , , , , digits, moving factor, ...`; the serial is public id
 * and slot. Yubico: `serial, public id, 0, key, access code, time,`; 6 digits, since it does not say.
 */
export function yubicoEntry(line: number, cells: Cells): Entry {
  if (TRADITIONAL.test(cells[0] ?? '')) {
    const [mode, , slot = '1', publicId, , key] = cells;
    return {
      line,
      serial: publicId && `${publicId}:${slot}`,
      fields: () => ({
        type: hotpIf(/^oath-hotp$/i.test(mode ?? '')),
        digits: cells[DIGITS_AT],
        counter: cells[COUNTER_AT],
        seed: () => seedFromHex(key),
      }),
    };
  }
  const [serial, , mode, key] = cells;
  return { line, serial, fields: () => ({ type: hotpIf(mode === '0'), seed: () => seedFromHex(key) }) };
}

function hotpIf(isHotp: boolean): 'hotp' {
  if (isHotp) return 'hotp';
  throw new Refusal(
    'type',
    'a key of another mode (Yubico OTP, static password, challenge-response); OATH-HOTP is taken',
  );
}
