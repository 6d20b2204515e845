import type { PublicKeys } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { Recipients } from './challenges/recipients.js';

/** What Nest injects by token, since these are interfaces. */
export const HSM = Symbol('HsmDriver');
export const SETTINGS = Symbol('KeysSettings');

export interface KeysSettings {
  clock: Clock;
  pinned: PublicKeys;
  auditOrigin: string;
  recipients: Recipients;
}
