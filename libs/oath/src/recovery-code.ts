const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base32: none is mistaken for another
const CODE_LENGTH = 10;

/** The code that a MAC shows on a recovery sheet: its first 50 bits, five a character. */
export function recoveryCodeFromMac(mac: Uint8Array): string {
  if (mac.length < 20) throw new RangeError(`a MAC of ${mac.length} bytes shows no code; it has 20 at least`);
  let bits = 0n;
  for (const byte of mac.subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 6n; // 56 bits to 50
  const characters = Array.from({ length: CODE_LENGTH }, (_, at) => ALPHABET[Number((bits >> BigInt(5 * at)) & 31n)]);
  return characters.toReversed().join('');
}

/** A code as it is shown to people: two groups of five. */
export const groupedRecoveryCode = (code: string): string => `${code.slice(0, 5)}-${code.slice(5)}`;
