import { base64urlOfBytes, beginPortableExchange, checkProfile } from '@countersign/pairing/portable';
import type { ActivateInvitation } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Carrier } from '../carrying/device-questions.js';
import type { HeldDevice, Keeper } from '../held/held-device.js';

/**
 * Redeems an invitation's token: once, whatever comes of it. The device is kept before this resolves, and pending: see
 * confirmFirst. Throws PairingError for an answer that is not signed for this invitation, what `keep` throws, and what
 * the carrier throws: NOT_FOUND when the token is spent, superseded or too old.
 */
export async function activate(
  carrier: Carrier,
  { tenant, account: id, identity, token }: ActivateInvitation,
  { keep, random }: { keep: Keeper; random: RandomBytes },
): Promise<HeldDevice> {
  const exchange = beginPortableExchange(random);
  const { point } = exchange;
  const answer = await carrier.ask('activation.redeem', { id, token: base64urlOfBytes(token.reveal()), point });
  const profile = checkProfile(answer.profile); // the platform chose it; its signature covers it
  const key = exchange.finish(answer, identity, { tenant, account: id, profile });
  const { device, epoch } = answer;
  return keep({ tenant, account: id, device, epoch, profile, identity }, key);
}
