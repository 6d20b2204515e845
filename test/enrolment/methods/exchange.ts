import { world } from '../shared-world.js';
import { PROFILE, type Method } from './method.js';

export const exchange: Method = {
  name: 'exchange',
  record: 'exchange',
  relay: 'desk',
  events: ['created'],
  begins: 'pending',
  begin: async (account) => ({ finish: () => world.enrol(account, PROFILE), secrets: {} }),
};
