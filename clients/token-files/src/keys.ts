import type { Secret } from '@countersign/runtime';

/** What opens an encrypted file. They stay the caller's, who zeroes them. */
export interface Keys {
  /** PSKC: 16, 24 or 32 bytes */
  preSharedKey?: Secret;
  /** PSKC, Aegis, 2FAS; as UTF-8 */
  password?: Secret;
}
