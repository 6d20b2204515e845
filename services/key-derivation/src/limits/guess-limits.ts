import { DECOY_REFERENCE } from '@countersign/contracts';
import type { ChallengeLabel, KeyLabel, MatchItem } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import { Misses } from './misses.js';
import type { Admission } from './misses.js';

/** Devices, or accounts, with a miss in the last minute: some 60 MB at most. */
const MAX_DEVICES = 200_000;

/** Decides whether a guess may be evaluated. */
export class GuessLimits {
  private readonly devices: Misses;
  private readonly nobody: Misses;
  private readonly proofs: Misses;
  private readonly challenges: Misses;

  constructor(clock: Clock) {
    this.devices = new Misses(clock, MAX_DEVICES, 'refuse');
    this.nobody = new Misses(clock, MAX_DEVICES, 'forget-oldest');
    this.proofs = new Misses(clock, MAX_DEVICES, 'refuse');
    this.challenges = new Misses(clock, MAX_DEVICES, 'refuse');
  }

  admit({ reference, tenant, account, device, epoch }: MatchItem): Admission {
    const table = reference === DECOY_REFERENCE ? this.nobody : this.devices;
    return table.admit([tenant, account, device, epoch].join('|'));
  }

  /** The same for a challenge's code. The challenges of one account share a cap: many at once are no more guesses. */
  admitChallenge({ tenant, account }: ChallengeLabel): Admission {
    return this.challenges.admit([tenant, account].join('|'));
  }

  /**
   * The same for a proof by a device's key. Counted apart: nobody guesses twenty bytes, so that wrong ones need to cost the
   * HSM little, and must not keep the owner from signing in.
   */
  admitProof({ tenant, account, device, epoch }: KeyLabel): Admission {
    return this.proofs.admit([tenant, account, device, epoch].join('|'));
  }
}
