import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { ROOT, type TenantWish } from '@countersign/local';
import { World } from '../world/world.js';

const START_MS = 120_000;
const CALLERS: TenantWish['callers'] = {
  ...{ app: 'verifier', desk: 'enroller', ops: 'operator', audit: 'auditor', gate: 'gateway' },
};

const REPLICAS = [1, 2];
const folder = mkdtempSync(join(tmpdir(), 'countersign-enrolment-'));
const DIES_ONCE_FILE = join(folder, 'die');
const LATER_FILE = join(folder, 'later');
const hook = (file: string): string => `--import ${pathToFileURL(join(ROOT, 'test', file)).href}`;
const LATER = hook('enrolment/lives-later.mjs');

/** One platform for all who import this: two replicas of enrollment, a gateway in each of two tenants. */
export let world: World;
export let app: Countersign;
export let desk: Countersign;
export let ops: Countersign;
export let audit: Countersign;
export let gate: Countersign;

beforeAll(async () => {
  allLater(0);
  const tenants = ['acme', 'beta'].map((name) => ({ name, callers: CALLERS }));
  world = await World.start({
    tenants,
    replicas: { enrollment: REPLICAS.length },
    restarts: 'never',
    variables: {
      enrollment: { NODE_OPTIONS: `${hook('faults/dies-after-append.mjs')} ${LATER}`, DIES_ONCE_FILE, LATER_FILE },
      verification: { NODE_OPTIONS: LATER, LATER_FILE },
    },
  });
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
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

/** From here on all services that decide live so much later. By renaming: none of them reads half a number. */
export function allLater(ms: number): void {
  writeFileSync(`${LATER_FILE}.new`, String(ms));
  renameSync(`${LATER_FILE}.new`, LATER_FILE);
}

/** From here on: the replica of enrollment that appends next is killed before it answers. */
export const oneWillDie = (): void => writeFileSync(DIES_ONCE_FILE, '');
/** Whether it died at that very place. */
export const oneDied = (): boolean => !existsSync(DIES_ONCE_FILE);
export async function allLive(): Promise<void> {
  await Promise.all(REPLICAS.map((replica) => world.process('enrollment', replica).start()));
}
