import { equalBytes } from '@noble/curves/utils.js';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { G, M, N, drawScalar, readPoint, times, writePoint } from './group.js';
import { keysOf } from './key-schedule.js';
import type { Keys, Terms } from './key-schedule.js';
import type { VerifierRecord } from './registration.js';

export type VerifierOutcome = { kind: 'confirmed'; shared: Hidden } | { kind: 'refused' };

/**
 * The end that keeps the record (RFC 9383 section 3.3), for one share of a prover.
 *
 * `confirmV` tells the prover whether its password was right, and so does the refusal of a share that the password
 * cancels out: a try is spent before the share is looked at, not when `judge` is asked.
 */
export class Verifier {
  /** 65 bytes */
  readonly share: Uint8Array;
  /** 32 bytes */
  readonly confirmV: Uint8Array;
  #keys: Keys | undefined;

  /** Throws PairingError 'point'. */
  constructor(record: VerifierRecord, terms: Terms, shareP: Uint8Array, random: RandomBytes) {
    const theirs = readPoint(shareP);
    const { w0, L } = record.reveal();
    const y = drawScalar(random);
    this.share = writePoint(times(G, y).add(times(N, w0)));
    const Z = times(theirs.subtract(times(M, w0)), y);
    this.#keys = keysOf(terms, { shareP, shareV: this.share, Z, V: times(L, y), w0 });
    this.confirmV = this.#keys.confirmV;
  }

  /** Whether the prover knows the password and means the same terms. Once only: throws PairingError 'used'. */
  judge(confirmP: Uint8Array): VerifierOutcome {
    const keys = this.#keys;
    if (!keys) throw new PairingError('used', 'this share had its confirmation');
    this.#keys = undefined;
    return equalBytes(keys.confirmP, confirmP) ? { kind: 'confirmed', shared: keys.shared } : { kind: 'refused' };
  }
}
