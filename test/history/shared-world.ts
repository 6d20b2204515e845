import { afterAll, beforeAll } from '@jest/globals';
import type { Verdict } from '@countersign/contracts';
import { Failure, type Countersign } from '@countersign/caller';
import { SystemRandom, sleep } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';

const START_MS = 120_000;
const IN_FORCE_MS = 5_000; // a policy that was just decided
const SEED_BYTES = 20;

/** One platform for all who import this: two replicas of verification; beta is as lenient as a tenant can be. */
export let world: World;
export let app: Countersign;
export let desk: Countersign;
export let ops: Countersign;
export let audit: Countersign;
let leniency: Promise<void>;

beforeAll(async () => {
  world = await World.start({ replicas: { verification: 2 } });
  [app, desk, ops, audit] = await Promise.all([
    world.caller('app'),
    world.caller('desk'),
    world.caller('ops'),
    world.caller('audit'),
  ]);
  const opsOfBeta = await world.caller('ops', 'beta');
  await opsOfBeta.setPolicy({ version: 0, autoResync: true, totpDriftSteps: 10 });
  leniency = sleep(IN_FORCE_MS);
}, START_MS);
afterAll(() => world.stop());

/** A caller of beta, where clocks are followed and tokens taken up again by themselves. */
export async function lenientApp(): Promise<Countersign> {
  await leniency;
  return world.caller('app', 'beta');
}

/** A phone that never showed a code, so that none of those that fit now is spent. */
export async function freshPhone(stepSeconds?: number, tenant?: string): Promise<Device> {
  const { name } = await world.account(undefined, tenant);
  const seed = new SystemRandom().bytes(SEED_BYTES);
  return world.importSeed(name, seed, { type: 'totp', ...(stepSeconds !== undefined && { stepSeconds }) }, tenant);
}

/** What somebody was told: `accepted`, the reason of a rejection, or the code of a failure. */
export async function told(asked: Promise<Verdict>): Promise<string> {
  try {
    const { verdict, reason } = await asked;
    return reason ?? verdict;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

/** What each of these codes was told, one after the other. */
export async function toldInTurn(account: string, codes: string[], caller = app): Promise<string[]> {
  const answers: string[] = [];
  for (const code of codes) answers.push(await told(caller.verify({ account, code })));
  return answers;
}

/** How often something was told. */
export const count = (answers: string[], what: string): number => answers.filter((answer) => answer === what).length;
