import type { RedeemActivationRequest } from '@countersign/contracts';
import { redeeming } from '../world/activation.js';
import type { World } from '../world/world.js';

const TOKENS = 16;

/** Tokens of activations: each is used, used again, and sent with what makes a bad message of it; half end another one. */
export async function useTokens(world: World): Promise<Uint8Array[]> {
  const [desk, { name: account }] = [await world.caller('desk'), await world.account()];
  const tokens: Uint8Array[] = [];
  while (tokens.length < TOKENS) {
    const { invitation, request } = redeeming((await desk.issueActivation({ account, type: 'hotp' })).invitation);
    tokens.push(invitation.token.reveal());
    const bad = { ...request, point: 'none', pin: request.token } as RedeemActivationRequest;
    await desk.redeemActivation(bad).catch(() => undefined);
    if (tokens.length % 2) continue;
    await desk.redeemActivation(request);
    await desk.redeemActivation(request).catch(() => undefined); // its device ends by that
  }
  return tokens;
}
