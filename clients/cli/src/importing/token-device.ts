import { createHash } from 'node:crypto';
import { DEVICE_ID_LENGTH } from '@countersign/contracts';
import { randomId } from '@countersign/runtime';

/**
 * The id of a token's device: of its serial alone, so that whoever imports it again, from whatever file, finds it. The
 * first 12 bytes of SHA-256 over `countersign token`, tenant and serial with a zero byte between them, 5 bits of each.
 */
export function tokenDevice(tenant: string, serial: string): string {
  const digest = createHash('sha256').update(`countersign token\0${tenant}\0${serial}`).digest();
  return randomId({ bytes: (length) => digest.subarray(0, length) }, DEVICE_ID_LENGTH);
}
