import { createHmac } from 'node:crypto';
import type { Asker } from '@countersign/contracts';
import type { Secret } from '@countersign/runtime';

const DIGEST_BYTES = 12; // 96 bits: short in the state, and no two of the last 8 requests meet by chance
const TRANSACTION_BYTES = 16;

/** What the ledger holds instead of request ids and origins. */
export class Digests {
  constructor(
    /** the present secret first, then the one before a rotation */
    private readonly secrets: readonly Secret[],
    private readonly originSecret: Secret,
  ) {}

  /**
   * Digest of (caller, requestId, code): a code is short, so it takes the secret to test one. During a rotation a
   * digest under the secret before is found again.
   */
  request(
    { tenant, caller }: Asker,
    requestId: string,
    code: string,
    remembered: readonly { request?: string }[] = [],
  ): string {
    const digests = this.secrets.map((secret) => digest(secret, ['request', tenant, caller, requestId, code]));
    const known = digests.find((each) => remembered.some(({ request }) => request === each));
    return known ?? (digests[0] as string);
  }

  /** Digest of an origin, one account's only: two accounts seen from one place cannot be linked by it. */
  origin(account: string, origin: string): string {
    return digest(this.originSecret, ['origin', account, origin]);
  }

  /** Digest of a transaction: what is approved, and by whom, cannot be found in the ledger by trying. */
  transaction(account: string, canonical: string): string {
    return digest(this.originSecret, ['transaction', account, canonical], TRANSACTION_BYTES);
  }
}

/** None of the parts can hold a NUL, so that the list is unambiguous. */
function digest(secret: Secret, parts: string[], bytes = DIGEST_BYTES): string {
  const mac = createHmac('sha256', secret.reveal()).update(parts.join('\0')).digest();
  return mac.subarray(0, bytes).toString('base64url');
}
