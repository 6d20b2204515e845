import { afterAll, beforeAll } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { TenantWish } from '@countersign/local';
import { World } from '../world/world.js';

const START_MS = 120_000;
const CALLERS: TenantWish['callers'] = {
  ...{ app: 'verifier', desk: 'enroller', ops: 'operator', audit: 'auditor', gate: 'gateway' },
};

/** One platform for all who import this: two replicas of enrollment, a gateway in each of two tenants. */
export let world: World;
export let app: Countersign;
export let desk: Countersign;
export let ops: Countersign;
export let audit: Countersign;
export let gate: Countersign;

beforeAll(async () => {
  const tenants = ['acme', 'beta'].map((name) => ({ name, callers: CALLERS }));
  world = await World.start({ tenants, replicas: { enrollment: 2 } });
  [app, desk, ops, audit, gate] = await Promise.all([
    world.caller('app'),
    world.caller('desk'),
    world.caller('ops'),
    world.caller('audit'),
    world.caller('gate'),
  ]);
  await ops.setPolicy({
    version: 0,
    pinDigits: 8, // no timestamp or counter holds one of these by chance
    onTokenReuse: 'tell', // else of several uses at once none would be left
  });
}, START_MS);
afterAll(() => world.stop());
