import type { Profile } from '@countersign/contracts';
import type { Secret } from '@countersign/runtime';

/** A token that the platform can take. The seed is the receiver's: it zeroes it after use. */
export interface Token extends Profile {
  kind: 'token';
  line: number;
  /** unique in its file; the same each time the file is read */
  serial: string;
  /** for people */
  label?: string;
  /** who has it, where the file says so: 1 to 256 characters */
  user?: string;
  seed: Secret;
}

/** A token that cannot be taken, and why. Holds nothing of the seed. */
export interface Refused {
  kind: 'refused';
  line: number;
  /** left out when there is none, or none that may be shown */
  serial?: string;
  field: Field;
  /** what is wrong, and what would be right */
  why: string;
}

/**
 * What the file says of one token. `line` counts from 1: lines of PSKC (of `<Key>`) and CSV, places in the list of an
 * app's export. The order is the file's own, the same at each reading.
 */
export type TokenLine = Token | Refused;

/** What is wrong with a token, by the platform's names. */
export type Field =
  | 'line'
  | 'serial'
  | 'type'
  | 'algorithm'
  | 'digits'
  | 'stepSeconds'
  | 't0Seconds'
  | 'counter'
  | 'user'
  | 'policy'
  | 'encryption'
  | 'mac'
  | 'seed';
