import { beginExchange, parseInvitation, type ActivateInvitation, type Exchange } from '@countersign/pairing';
import type { RedeemActivationRequest } from '@countersign/contracts';

/** What a device makes of an invitation: the message that redeems it, and the end of the exchange that opens the answer. */
export interface Redeeming {
  invitation: ActivateInvitation;
  request: RedeemActivationRequest;
  exchange: Exchange;
}

/** Reads an invitation and draws a point, as a device does. */
export function redeeming(text: string): Redeeming {
  const invitation = parseInvitation(text);
  if (invitation.kind !== 'activate') throw new Error('that invitation is for pairing');
  const exchange = beginExchange();
  const token = Buffer.from(invitation.token.reveal()).toString('base64url');
  return { invitation, request: { id: invitation.account, token, point: exchange.point }, exchange };
}
