import { createHmac } from 'node:crypto';

const DIGITS = 6;

/** RFC 4226 section 5.3, with SHA-1 and 6 digits; written here again so that nothing under test decides what is right. */
export function codeOf(key: Buffer, counter: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', key).update(moving).digest();
  const number = mac.readUInt32BE((mac[19] as number) & 0xf) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}
