import { createHmac } from 'node:crypto';
import type { Algorithm } from '@countersign/contracts';

/** RFC 4226 section 5, written apart from the platform, so that a test never asks the code under test what is right. */
export function otp(key: Buffer, counter: number, digits = 6, algorithm: Algorithm = 'SHA1'): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm.toLowerCase(), key).update(message).digest();
  const offset = (mac.at(-1) as number) & 15;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}
