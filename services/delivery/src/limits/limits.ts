import { createHmac, hkdfSync } from 'node:crypto';
import { Failure, type Channel, type TakenNote, type Tenant } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import type { Recent } from './recent.js';

export interface HourlyLimits {
  perRecipient: number;
  perTenant: number;
}

const DIGEST_BYTES = 16;

/**
 * What a message costs is paid by the platform's owner, and a flooded recipient complains to him: so many for one recipient,
 * so many for a tenant, within an hour.
 */
export class Limits {
  constructor(
    private readonly recent: Recent,
    private readonly limits: HourlyLimits,
  ) {}

  /** Throws LIMIT when one message more would be too many. */
  admit(taken: TakenNote): void {
    const { perRecipient, perTenant } = this.limits;
    if (this.recent.ofRecipient(taken) >= perRecipient)
      throw new Failure('LIMIT', `this recipient was sent ${perRecipient} codes within an hour; nothing was sent`);
    if (this.recent.ofTenant(taken.tenant) >= perTenant)
      throw new Failure('LIMIT', `this tenant had ${perTenant} codes sent within an hour; nothing was sent`);
  }
}

/** Digests of recipients, under a key that all replicas make from the same secret: telephone numbers are soon guessed. */
export class RecipientDigest {
  private readonly key: Secret;

  constructor(shared: Secret) {
    this.key = new Secret(Buffer.from(hkdfSync('sha256', shared.reveal(), '', 'countersign recipients v1', 32)));
  }

  /** Addresses that differ in case only are one. */
  of(tenant: Tenant, channel: Channel, to: string): string {
    const text = JSON.stringify([tenant, channel, to.normalize('NFKC').toLowerCase()]);
    return createHmac('sha256', this.key.reveal())
      .update(text)
      .digest()
      .subarray(0, DIGEST_BYTES)
      .toString('base64url');
  }
}
