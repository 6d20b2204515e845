import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Verdict } from '@countersign/contracts';
import { Failure, type Countersign } from '@countersign/caller';
import { mutant } from '../world/mutants/mutants.js';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';

const PARALLEL = 1000;
const ROUNDS = 5;
const MUTANT_MS = 40_000; // found in well under a second on a quiet machine

/** The same code, many times at once; refusals by the system count as answers too. */
async function hammer(app: Countersign, device: Device, code: string, times: number): Promise<(Verdict | Failure)[]> {
  const asked = Array.from({ length: times }, (_, index) =>
    app
      .verify({ account: device.account, code, requestId: `parallel-${code}-${index}` }, { timeoutMs: 8000 })
      .catch((error: unknown) => {
        if (error instanceof Failure) return error;
        throw error;
      }),
  );
  return Promise.all(asked);
}

const acceptances = (answers: (Verdict | Failure)[]): Verdict[] =>
  answers.filter((answer): answer is Verdict => !(answer instanceof Failure) && answer.verdict === 'accepted');

describe('one code, many times at once, over two replicas', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({ replicas: { verification: 2 } });
  });
  afterAll(() => world.stop());

  test(`${PARALLEL} parallel verifies: one acceptance`, async () => {
    const device = await world.owner();
    const answers = await hammer(await world.caller('app'), device, device.code(), PARALLEL);
    expect(acceptances(answers)).toHaveLength(1);
    for (const answer of answers)
      if (answer instanceof Failure) expect(['BUSY', 'UNAVAILABLE', 'OUTCOME_UNKNOWN']).toContain(answer.code);
    expect(await (await world.caller('app')).verify({ account: device.account, code: device.code() })).toMatchObject({
      verdict: 'accepted',
    });
  });

  test('the ledger holds one acceptance of each code', async () => {
    const device = await world.owner();
    const app = await world.caller('app');
    for (let round = 0; round < ROUNDS; round += 1) await hammer(app, device, device.code(), 20);
    const { events } = await (await world.caller('audit')).events({ account: device.account });
    const counters = events.filter((event) => event.type === 'accepted').map(({ counter }) => counter);
    expect(counters).toHaveLength(ROUNDS);
    expect(new Set(counters).size).toBe(ROUNDS);
  });
});

describe('with the comparison taken out of verification', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({
      replicas: { verification: 2 },
      variables: { verification: mutant('without-compare') },
    });
  });
  afterAll(() => world.stop());

  test('the same test finds a code accepted twice', async () => {
    const app = await world.caller('app');
    let most = 0;
    for (const endMs = performance.now() + MUTANT_MS; most < 2 && performance.now() < endMs;) {
      const device = await world.owner(); // a new one: audit has the account frozen as soon as its history forks
      most = acceptances(await hammer(app, device, device.code(), 10)).length;
    }
    expect(most).toBeGreaterThan(1);
  });
});
