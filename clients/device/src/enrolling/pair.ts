import { beginPairing, beginPortableExchange } from '@countersign/pairing/portable';
import type { Hidden, PairInvitation, Scrypt } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Carrier } from '../carrying/device-questions.js';
import type { HeldDevice, Keeper } from '../held/held-device.js';

export interface PairParts {
  keep: Keeper;
  random: RandomBytes;
  /** default: in JavaScript */
  scrypt?: Scrypt;
}

/** refused: another PIN, or somebody in between; nothing more was said. The person may type it again while tries are left. */
export type PairOutcome =
  | {
      kind: 'paired';
      /** kept already, and pending: see confirmFirst */
      device: HeldDevice;
      /** 32 bytes that this device and the platform have, and nobody else: for a channel between them */
      sessionKey: Hidden;
    }
  | { kind: 'refused'; triesLeft: number };

/**
 * Pairs by PIN: one try. The device is kept before this resolves. Throws PairingError for answers that do not fit, what
 * `keep` throws, and what the carrier throws: NOT_FOUND when the session is over, UNAVAILABLE when its replica is gone.
 */
export async function pair(
  carrier: Carrier,
  invitation: PairInvitation,
  pin: Hidden,
  { keep, random, scrypt }: PairParts,
): Promise<PairOutcome> {
  const { tenant, account: id, identity, at } = invitation;
  const exchange = beginPortableExchange(random);
  const end = await beginPairing(invitation, pin, { random, exchange, ...(scrypt && { scrypt }) });
  const shared = await carrier.ask('pair.share', { id, ...end.request }, at);
  const judged = end.judge(shared);
  if (judged.kind === 'refused') return { kind: 'refused', triesLeft: shared.triesLeft };
  const answer = await carrier.ask('pair.confirm', { id, ...judged.request }, at);
  const { key, sessionKey, profile } = end.finish(answer);
  const { device: name, epoch } = answer;
  const device = await keep({ tenant, account: id, device: name, epoch, profile, identity }, key);
  return { kind: 'paired', device, sessionKey };
}
