import { createCipheriv, createHash } from 'node:crypto';

/** Codes a guess is compared with: one step back, now, one step ahead. */
export const WINDOW = 3;
const MODULO = 1_000_000;
const NO_IV = Buffer.alloc(16);

/** Known to everybody, so that the load can show right codes: of a measurement, not of a product. */
export const MASTER = createHash('sha256').update('a floor to measure against').digest();

/** What a device's key is derived from, 32 bytes. */
export const label = (device: string): Buffer => createHash('sha256').update(`floor ${device}`).digest();

/** The key that CKM_AES_CBC_ENCRYPT_DATA derives from the master, 32 bytes. */
export function deviceKey(device: string): Buffer {
  const cipher = createCipheriv('aes-256-cbc', MASTER, NO_IV).setAutoPadding(false);
  return Buffer.concat([cipher.update(label(device)), cipher.final()]);
}

/** RFC 4226 section 5.3, six digits. */
export function truncate(mac: Buffer): number {
  const offset = (mac.at(-1) as number) & 15;
  return (mac.readUInt32BE(offset) & 0x7fffffff) % MODULO;
}
