import { createHmac } from 'node:crypto';
import type { Secret } from '@countersign/runtime';
import { counterBytes } from './moving-factor.js';
import { groupedRecoveryCode, recoveryCodeFromMac } from './recovery-code.js';

/** The codes of a recovery sheet by its key, each as it is shown to people: of HMAC-SHA-256 over 0, 1, 2... */
export function recoverySheet(key: Secret, codes: number): string[] {
  return Array.from({ length: codes }, (_, code) => {
    const mac = createHmac('sha256', key.reveal()).update(counterBytes(code)).digest();
    return groupedRecoveryCode(recoveryCodeFromMac(mac));
  });
}
