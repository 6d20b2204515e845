import type { AccountEvent, Candidate, DeviceMatch, DeviceState, Profiles, Standing } from '@countersign/account';
import type { OcraItem } from '@countersign/contracts';
import type { Appended } from '@countersign/ledger';

/** A standing, and when it was surely true: ms since 1970; 0 when it came from a cache. */
export interface Reading extends Standing {
  readAt: number;
}

/** What an OCRA device answers, beside its suites. */
export type Answered = Omit<OcraItem, 'suite' | 'platformSuite'>;

/** next: two codes in a row. answered: the code is an OCRA device's response to this. */
export interface More {
  next?: string | undefined;
  answered?: Answered;
}

/** Where an attempt is judged: an account, or the place of a name that nobody has. The same road for both. */
export interface Place {
  /** attempts with the same key come one after the other */
  readonly key: string;
  /** nobody: of a name that no account has */
  readonly kind: 'account' | 'nobody';
  /** the account's id, or what stands for it */
  readonly id: string;
  /** as the key service and delivery know it: an account's id, or one that no account has */
  readonly account: string;
  /** From the cache where that is possible. Undefined: there is no such account. Throws UNAVAILABLE. */
  standing(): Promise<Reading | undefined>;
  /** From the ledger's leader. */
  fresh(): Promise<Reading | undefined>;
  /** After a conflict: the event it named. */
  after(conflict: Appended & { kind: 'conflict' }): Promise<Reading | undefined>;
  profiles(standing: Standing): Promise<Profiles>;
  match(candidates: Candidate[], code: string, more?: More): Promise<DeviceMatch[]>;
  /** What an OCRA device is asked, and the platform's response to what it asked. Throws INVALID_ARGUMENT, UNAVAILABLE. */
  question(device: DeviceState, answered: Answered): Promise<{ question: string; answer?: string }>;
  /** Resolves when the outcome is known. */
  append(event: AccountEvent, after: number): Promise<Appended>;
}
