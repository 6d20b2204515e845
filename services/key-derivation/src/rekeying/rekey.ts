import { timingSafeEqual } from 'node:crypto';
import type { PairedParameters } from '@countersign/pairing';
import { rekeyProofMessage, rekeySealMessage, transcriptHash } from '@countersign/pairing';
import type { ExchangeWith, HsmDriver, KeyUse, Provisioned } from '../driver/hsm-driver.js';
import { labelOf } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';

export type Rekeyed =
  | { kind: 'made'; key: Provisioned; seal: Buffer }
  | { kind: 'not-proved' }
  | { kind: 'unknown-key' }
  | { kind: 'refused'; retryAfterMs: number };

/**
 * Makes a device's next key for whoever proves the present one, and seals it with that: nobody in between can have a key
 * made, or put another one in its place, even if the identity key were lost.
 */
export class Rekeying {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly limits: GuessLimits,
  ) {}

  /** `reference`: of the present key. Throws HsmTrouble; then nothing was made that anybody has. */
  async rekey(exchange: ExchangeWith, reference: string, proof: Uint8Array): Promise<Rekeyed> {
    const present = presentKey(exchange.parameters, reference);
    const admission = this.limits.admitProof(present.label);
    if (admission.kind === 'refused') return admission;
    let rekeyed: Rekeyed | undefined;
    try {
      rekeyed = await this.proved(exchange, present, proof);
      return rekeyed;
    } finally {
      if (rekeyed?.kind !== 'not-proved') admission.forgive();
    }
  }

  private async proved(exchange: ExchangeWith, present: KeyUse, proof: Uint8Array): Promise<Rekeyed> {
    const { parameters, point } = exchange;
    const right = await this.hsm.mac(present, rekeyProofMessage({ ...parameters, point }));
    if (right.kind === 'unknown-key') return right;
    if (right.mac.length !== proof.length || !timingSafeEqual(right.mac, proof)) return { kind: 'not-proved' };
    const key = await this.hsm.provision(exchange);
    const transcript = transcriptHash('enrol', parameters, point, key.point);
    const { keyLengthBytes: keyLength, wrapped, signature } = key;
    const seal = await this.hsm.mac(present, rekeySealMessage({ transcript, keyLength, wrapped, signature }));
    return seal.kind === 'mac' ? { kind: 'made', key, seal: seal.mac } : seal;
  }
}

function presentKey(parameters: PairedParameters, reference: string) {
  const label = labelOf({ ...parameters, epoch: parameters.epoch - 1 });
  return { kind: 'device', reference, label } as const;
}
