import { deviceEnd, pair, proofOf } from '../../world/pairing.js';
import { desk } from '../shared-world.js';
import { PROFILE, type Method } from './method.js';

export const pin: Method = {
  name: 'pairing by PIN',
  record: 'pin',
  relay: 'gate',
  events: ['created', 'pairing_opened', 'pairing_tried', 'pairing_confirmed'],
  begins: 'pending',
  begin: async (account) => {
    const shown = await desk.pairOpen({ account, ...PROFILE });
    return {
      finish: (relay) => pair(shown, relay, account),
      secrets: { 'the PIN': Buffer.from(shown.pin) },
      once: {
        refused: 'NOT_FOUND',
        race: async (relay, times) => {
          const proof = await proofOf(shown, await deviceEnd(shown), relay);
          return Promise.allSettled(Array.from({ length: times }, () => relay.pairConfirm(proof)));
        },
      },
    };
  },
};
