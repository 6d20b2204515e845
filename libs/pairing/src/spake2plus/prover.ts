import { equalBytes } from '@noble/curves/utils.js';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { G, M, N, drawScalar, readPoint, times, writePoint } from './group.js';
import { keysOf } from './key-schedule.js';
import type { Terms } from './key-schedule.js';
import type { ProverSecret } from './registration.js';

/** refused: the other end does not know the password, or means other terms. Nothing of ours is sent then. */
export type ProverOutcome = { kind: 'confirmed'; confirmP: Uint8Array; shared: Hidden } | { kind: 'refused' };

/** The end that knows the password (RFC 9383 section 3.3), for one exchange. */
export class Prover {
  /** 65 bytes: what to send first */
  readonly share: Uint8Array;
  #x: bigint | undefined;
  readonly #secret: ProverSecret;

  constructor(secret: ProverSecret, random: RandomBytes) {
    const x = drawScalar(random);
    this.share = writePoint(times(G, x).add(times(M, secret.reveal().w0)));
    this.#x = x;
    this.#secret = secret;
  }

  /**
   * Judges the verifier's answer, before anything that depends on the password leaves this end. One answer only, right
   * or wrong: each tells whoever sent it about one password. Throws PairingError: point, used.
   */
  judge(terms: Terms, shareV: Uint8Array, confirmV: Uint8Array): ProverOutcome {
    const x = this.#x;
    if (x === undefined) throw new PairingError('used', 'this exchange had its answer; begin another');
    this.#x = undefined;
    const { w0, w1 } = this.#secret.reveal();
    const base = readPoint(shareV).subtract(times(N, w0));
    const keys = keysOf(terms, { shareP: this.share, shareV, Z: times(base, x), V: times(base, w1), w0 });
    if (!equalBytes(keys.confirmV, confirmV)) return { kind: 'refused' };
    return { kind: 'confirmed', confirmP: keys.confirmP, shared: keys.shared };
  }
}
