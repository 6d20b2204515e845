import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { World } from '../world/world.js';

describe('Redis makes verdicts fast and never makes them true', () => {
  let world: World;
  let app: Countersign;

  beforeAll(async () => {
    world = await World.start({ replicas: { verification: 2 } });
    app = await world.caller('app');
  });
  afterAll(() => world.stop());

  const timed = async <T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> => {
    const began = performance.now();
    const result = await work();
    return { ms: performance.now() - began, result };
  };

  const signIns = async (count: number): Promise<number[]> => {
    const device = await world.owner();
    const times: number[] = [];
    for (let each = 0; each < count; each += 1) {
      const { ms, result } = await timed(() => app.verify({ account: device.account, code: device.code() }));
      expect(result).toMatchObject({ verdict: 'accepted' });
      times.push(ms);
    }
    return times;
  };

  test('flushed between any two steps, a code is still accepted once, and locks stay', async () => {
    const device = await world.owner();
    const flush = () => world.platform.askRedis(['FLUSHALL']);
    const code = device.code();
    const raced = [
      app.verify({ account: device.account, code }),
      flush(),
      app.verify({ account: device.account, code }),
    ];
    const verdicts = (await Promise.all(raced)).filter((answer) => typeof answer === 'object');
    expect(verdicts.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(1);
    for (let guess = 0; guess < 5; guess += 1) {
      await flush();
      await app.verify({ account: device.account, code: device.wrongCode() });
    }
    await flush();
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'locked' });
  });

  test('flushed all the time under parallel verifies: one acceptance for each code', async () => {
    const device = await world.owner();
    let flushing = true;
    const flusher = (async () => {
      while (flushing) await world.platform.askRedis(['FLUSHALL']);
    })();
    for (let round = 0; round < 10; round += 1) {
      const code = device.code();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => app.verify({ account: device.account, code }).catch(() => undefined)),
      );
      expect(answers.filter((answer) => answer?.verdict === 'accepted')).toHaveLength(1);
    }
    flushing = false;
    await flusher;
  });

  test('paused (SIGSTOP), verdicts go on: 50 ms once, then as usual', async () => {
    await signIns(3);
    world.platform.process('redis').kill('SIGSTOP');
    try {
      const times = (await signIns(20)).sort((a, b) => a - b);
      expect(times[10]).toBeLessThan(40);
    } finally {
      world.platform.process('redis').kill('SIGCONT');
    }
    await signIns(3);
  });

  test('stopped and started again, verdicts go on', async () => {
    await world.platform.process('redis').stop('SIGKILL');
    await signIns(10);
    await world.platform.process('redis').start();
    await signIns(10);
  });
});
