import { factorBytes, groupedRecoveryCode, recoveryCodeFromMac } from '@countersign/oath/portable';
import { beginPortableExchange } from '@countersign/pairing/portable';
import type { EnrolmentAnswer, PairedSheet } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';

const CODES = 10;
const SHEET: PairedSheet = {
  ...{ type: 'recovery', algorithm: 'SHA256', digits: 10 },
  ...{ stepSeconds: 30, t0Seconds: 0, counter: 0 },
};

export interface SheetParts {
  /** `recovery.issue`, asked for the account with this point */
  issue: (point: string) => Promise<EnrolmentAnswer>;
  tenant: string;
  /** the platform's identity key, pinned */
  identity: string;
  random: RandomBytes;
}

/**
 * The codes of a new recovery sheet, as they are shown to a person, who prints or copies them. Its key came out of the HSM
 * for this call alone and is forgotten with it. Throws PairingError, and what `issue` throws.
 */
export async function recoverySheet({ issue, tenant, identity, random }: SheetParts): Promise<string[]> {
  const exchange = beginPortableExchange(random);
  const answer = await issue(exchange.point);
  const key = exchange.finish(answer, identity, { tenant, profile: SHEET });
  const bytes = Uint8Array.from(key.reveal());
  key.reveal().fill(0);
  const { subtle } = globalThis.crypto;
  const held = await subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  bytes.fill(0);
  const codeAt = async (place: number): Promise<string> =>
    groupedRecoveryCode(recoveryCodeFromMac(new Uint8Array(await subtle.sign('HMAC', held, factorBytes(place)))));
  return Promise.all(Array.from({ length: CODES }, (_, place) => codeAt(place)));
}
