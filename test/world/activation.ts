import type { RedeemActivationRequest } from '@countersign/contracts';
import type { Countersign } from '@countersign/caller';
import { beginExchange, parseInvitation, type ActivateInvitation, type Exchange } from '@countersign/pairing';
import type { Random } from '@countersign/runtime';
import { Device } from './device.js';

/** What a device makes of an invitation: the message that redeems it, and the end of the exchange that opens the answer. */
export interface Redeeming {
  invitation: ActivateInvitation;
  request: RedeemActivationRequest;
  exchange: Exchange;
}

/** Reads an invitation and draws a point, as a device does. */
export function redeeming(text: string, random?: Random): Redeeming {
  const invitation = parseInvitation(text);
  if (invitation.kind !== 'activate') throw new Error('that invitation is for pairing');
  const exchange = beginExchange(random);
  const token = Buffer.from(invitation.token.reveal()).toString('base64url');
  return { invitation, request: { id: invitation.account, token, point: exchange.point }, exchange };
}

/** The whole of a device's part. `account`: its name. Throws Failure. */
export async function activate(text: string, relay: Countersign, account: string): Promise<Device> {
  const { invitation, request, exchange } = redeeming(text);
  const reply = await relay.redeemActivation(request);
  const { profile, device } = reply;
  const { tenant, account: id, identity } = invitation;
  const key = exchange.finish(reply, identity, { tenant, account: id, profile });
  return new Device(account, id, device, profile, Buffer.from(key.reveal()), profile.counter);
}
