import { seedFromHex } from '../encodings.js';
import type { Entry } from '../judge-entry.js';
import { Refusal } from '../refusal.js';
import type { Cells } from './read-csv.js';

const COLUMNS = 6;
/** What privacyIDEA writes as the first line when user, resolver and realm stand before the serial. */
export const WITH_USERS = /^#\s*version:\s*2\b/i;
const USER_COLUMNS = 3;

/** By the length of a seed in hexadecimal: privacyIDEA and LinOTP go by it, too. */
const HASH_BY_LENGTH: Record<number, string> = { 64: 'SHA256', 128: 'SHA512' };

/** `serial, seed, [hotp|totp], [digits], [HOTP: counter, TOTP: step in s], [hash]` */
export function privacyideaEntry(line: number, all: Cells, withUsers: boolean): Entry {
  const [user, cells] = withUsers ? [all[0], all.slice(USER_COLUMNS)] : [undefined, all];
  const [serial, seed, type = 'hotp', digits, moving, hash] = cells;
  return {
    line,
    serial,
    fields: () => {
      if (cells.slice(COLUMNS).some((cell) => cell !== undefined))
        throw new Refusal('line', `more than ${COLUMNS} columns: serial, seed, type, digits, step or counter, hash`);
      return {
        type,
        algorithm: hash ?? HASH_BY_LENGTH[seed?.length ?? 0],
        digits,
        stepSeconds: moving,
        counter: moving,
        user,
        seed: () => seedFromHex(seed),
      };
    },
  };
}
