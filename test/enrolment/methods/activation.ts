import { activate, redeeming } from '../../world/activation.js';
import { desk } from '../shared-world.js';
import { PROFILE, type Method } from './method.js';

export const activation: Method = {
  name: 'one-time activation',
  record: 'activation',
  relay: 'gate',
  events: ['created', 'activation_issued', 'activation_redeemed'],
  begins: 'pending',
  begin: async (account) => {
    const { invitation: text } = await desk.issueActivation({ account, ...PROFILE });
    const { invitation, request } = redeeming(text);
    return {
      finish: (relay) => activate(text, relay, account),
      secrets: { 'the token': invitation.token.reveal() },
      once: {
        refused: 'NOT_FOUND',
        race: (relay, times) =>
          Promise.allSettled(Array.from({ length: times }, () => relay.redeemActivation(request))),
      },
    };
  },
};
