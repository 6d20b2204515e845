import type { RandomBytes } from '@countersign/runtime/portable';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';

/** With 3 tries to a session, 6 digits let a guesser in once in 333,333 sessions. */
export const PIN_DIGITS = { min: 6, max: 8, standard: 6 } as const;

const BELOW_4_BYTES = 2 ** 32;

/** A PIN to show, every one as likely. ASCII digits, with leading zeros. */
export function drawPin(random: RandomBytes, digits: number = PIN_DIGITS.standard): Hidden {
  if (!Number.isInteger(digits) || digits < PIN_DIGITS.min || digits > PIN_DIGITS.max)
    throw new RangeError(`a PIN has ${PIN_DIGITS.min} to ${PIN_DIGITS.max} digits`);
  const pins = 10 ** digits;
  const fair = BELOW_4_BYTES - (BELOW_4_BYTES % pins); // what is beyond would make some PINs likelier
  for (;;) {
    const bytes = random.bytes(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < fair) return asciiOf(String(drawn % pins).padStart(digits, '0'));
  }
}

/** Reads a PIN as people type it, groups set apart by blanks or dashes. Throws PairingError 'pin', not showing it. */
export function readPin(typed: string): Hidden {
  const digits = typed.replace(/[\s-]/g, '');
  if (!/^[0-9]+$/.test(digits) || digits.length < PIN_DIGITS.min || digits.length > PIN_DIGITS.max)
    throw new PairingError('pin', `a PIN is ${PIN_DIGITS.min} to ${PIN_DIGITS.max} digits`);
  return asciiOf(digits);
}

function asciiOf(text: string): Hidden {
  return hide<Uint8Array>(new TextEncoder().encode(text));
}
