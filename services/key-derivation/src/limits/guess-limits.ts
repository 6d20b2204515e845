import { DECOY_REFERENCE } from '@countersign/contracts';
import type { MatchItem } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import { Misses } from './misses.js';
import type { Admission } from './misses.js';

/** Devices with a miss in the last minute: some 60 MB at most. */
const MAX_DEVICES = 200_000;

/** Decides whether a guess may be evaluated. */
export class GuessLimits {
  private readonly devices: Misses;
  private readonly nobody: Misses;

  constructor(clock: Clock) {
    this.devices = new Misses(clock, MAX_DEVICES, 'refuse');
    this.nobody = new Misses(clock, MAX_DEVICES, 'forget-oldest');
  }

  admit({ reference, tenant, account, device, epoch }: MatchItem): Admission {
    const table = reference === DECOY_REFERENCE ? this.nobody : this.devices;
    return table.admit([tenant, account, device, epoch].join('|'));
  }
}
