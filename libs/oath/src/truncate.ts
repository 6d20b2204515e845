/**
 * Dynamic truncation (RFC 4226 section 5.3): 31 bits of a MAC, at an offset that its last four bits say.
 * For SHA-256 and SHA-512 the last byte is still the last of the MAC (RFC 6238 section 1.2 and its reference code).
 */
export function dynamicTruncate(mac: Uint8Array): number {
  if (mac.length < 20) throw new RangeError(`a MAC of ${mac.length} bytes cannot be truncated; it has 20 at least`);
  const offset = mac[mac.length - 1]! & 0x0f;
  return (((mac[offset]! & 0x7f) << 24) | (mac[offset + 1]! << 16) | (mac[offset + 2]! << 8) | mac[offset + 3]!) >>> 0;
}

/** The code that a MAC shows: `digits` decimal digits, leading zeros kept. */
export function codeFromMac(mac: Uint8Array, digits: number): string {
  return String(dynamicTruncate(mac) % 10 ** digits).padStart(digits, '0');
}
