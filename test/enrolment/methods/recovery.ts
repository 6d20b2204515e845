import { recoverySheetOf } from '../../world/recovery.js';
import { desk, world } from '../shared-world.js';
import type { Way } from './method.js';

export const recovery: Way = {
  name: 'recovery codes',
  record: 'recovery',
  relay: 'desk',
  events: ['created'],
  begins: 'active',
  begin: async (account) => {
    const secrets: Record<string, Uint8Array> = {};
    const finish = async () => {
      const { reply, codes, key } = await recoverySheetOf(world, desk, account);
      codes.forEach((code, at) => (secrets[`code ${at}`] = Buffer.from(code.replace('-', ''))));
      return { accountId: reply.account, id: reply.device, profile: reply.profile, key };
    };
    return { finish, secrets };
  },
};
