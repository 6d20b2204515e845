import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { attachPlatform, Failure, startPlatform, type FaultName, type StartedPlatform } from '@countersign/testkit';
import { root } from '../tidy/workspaces.js';

const TESTKIT = join(root, 'clients', 'testkit', 'dist', 'index.js');
/** of a platform with one of each: two servers and five services */
const PROCESSES = 7;

interface Child {
  name: string;
  pid: number;
}

/** Which processes a platform consists of. */
const processesOf = (stateFolder: string): Child[] =>
  JSON.parse(readFileSync(join(stateFolder, 'children.json'), 'utf8')) as Child[];

/** Whether it runs. One that ended may be in the list of processes still, as a zombie, until its parent has looked. */
function lives(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

describe('two platforms side by side', () => {
  let one: StartedPlatform;
  let other: StartedPlatform;

  beforeAll(async () => {
    [one, other] = await Promise.all([startPlatform(), startPlatform({ keys: 'own', clockOffsetMs: 2_000 })]);
  });
  afterEach(() => one.mend());
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
  });

  test('know nothing of each other', async () => {
    expect(one.natsServer).not.toBe(other.natsServer);
    expect(one.publicKeys.identity).not.toBe(other.publicKeys.identity);
    const ada = await one.owner();
    const [here, there] = [await one.caller('app'), await other.caller('app')];
    expect(await there.verify({ account: ada.account, code: ada.code() })).toMatchObject({ reason: 'wrong_code' });
    expect(await here.verify({ account: ada.account, code: ada.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('platforms that share keys are made from the same', async () => {
    const attached = await attachPlatform({ folder: one.stateFolder });
    expect(attached.publicKeys).toEqual(one.publicKeys);
    await attached.close();
  });

  test('a device of each type is enrolled, imported and in time', async () => {
    const app = await one.caller('app');
    for (const type of ['hotp', 'totp'] as const) {
      const { account } = await one.owner({ type, algorithm: 'SHA256', digits: 8 });
      const seed = Buffer.from('12345678901234567890123456789012');
      const imported = await one.importSeed(account, seed, { type, algorithm: 'SHA256' });
      expect(await app.verify({ account, code: imported.code(), device: imported.id })).toMatchObject({
        verdict: 'accepted',
      });
    }
    const late = await one.owner({ type: 'totp' });
    late.clockOffsetMs = -3_600_000;
    expect(await app.verify({ account: late.account, code: late.codeNow() })).toMatchObject({ reason: 'wrong_code' });
    late.clockOffsetMs = 0;
    expect(await app.verify({ account: late.account, code: late.codeNow() })).toMatchObject({ verdict: 'accepted' });
  });

  test('a third process may attach, and leaves the platform up', async () => {
    const attached = await attachPlatform({ folder: one.stateFolder });
    const ada = await attached.owner({}, 'beta');
    const desk = await one.caller('desk', 'beta');
    expect((await desk.devices({ account: ada.account })).devices).toHaveLength(1);
    await attached.close();
    expect((await desk.devices({ account: ada.account })).devices).toHaveLength(1);
  });

  test('callers that are wished for are there', async () => {
    await one.addTenant({ name: 'gamma', callers: { shop: 'verifier', hr: 'enroller' } });
    const ada = await one.owner({}, 'gamma');
    const shop = await one.caller('shop', 'gamma');
    expect(await shop.verify({ account: ada.account, code: ada.code() })).toMatchObject({ verdict: 'accepted' });
    expect(one.credentials('shop', 'gamma')).toMatchObject({ caller: 'shop', role: 'verifier', tenant: 'gamma' });
  });

  const faults: { name: FaultName; answer: 'accepted' | 'a failure' }[] = [
    { name: 'redis-gone', answer: 'accepted' },
    { name: 'redis-hanging', answer: 'accepted' },
    { name: 'redis-emptied', answer: 'accepted' },
    { name: 'hsm-gone', answer: 'a failure' },
    { name: 'service-killed:verification', answer: 'a failure' },
    { name: 'service-killed:audit', answer: 'accepted' },
    { name: 'service-hanging:key-derivation-1', answer: 'a failure' },
    { name: 'clock-wrong:verification', answer: 'a failure' },
    { name: 'nats-gone', answer: 'a failure' },
  ];

  test.each(faults)('$name: a right code is $answer, and accepted once it is undone', async ({ name, answer }) => {
    await one.close(); // callers that are not needed would all come back to NATS at once
    const ada = await one.owner();
    const app = await one.caller('app');
    const ask = (timeoutMs: number): Promise<string> =>
      app.verify({ account: ada.account, code: ada.code() }, { timeoutMs }).then(
        ({ verdict }) => verdict,
        (error: unknown) => {
          if (error instanceof Failure) return 'a failure'; // UNAVAILABLE; OUTCOME_UNKNOWN when the caller's time ended
          throw error;
        },
      );
    const fault = await one.fault(name);
    expect(await ask(800)).toBe(answer);
    await expect(one.fault(name)).rejects.toThrow('in force already');
    await fault.undo();
    expect(await ask(5_000)).toBe('accepted');
    expect(await (await other.caller('app')).verify({ account: 'nobody', code: '123456' })).toBeDefined();
  });

  test('a fault that there is not is refused, with the names of those that there are', async () => {
    await expect(one.fault('redis-tired' as FaultName)).rejects.toThrow(
      'there is no fault redis-tired here; there are',
    );
    await expect(one.fault('clock-wrong:audit' as FaultName)).rejects.toThrow('there is no fault');
    await expect(one.fault('service-killed:verification-7')).rejects.toThrow('there is no fault');
  });
});

test('after stop, with faults in force, no process and no file is left, and nobody can attach', async () => {
  const platform = await startPlatform({ tenants: [{ name: 'solo', callers: { app: 'verifier' } }] });
  const { stateFolder } = platform;
  const pids = processesOf(stateFolder).map(({ pid }) => pid);
  expect(pids.filter(lives)).toHaveLength(PROCESSES);
  expect(platform.credentials('app')).toMatchObject({ tenant: 'solo' });
  await platform.fault('nats-hanging');
  await platform.fault('service-hanging:audit');
  await platform.stop();
  expect(pids.filter(lives)).toEqual([]);
  expect(existsSync(stateFolder)).toBe(false);
  await expect(attachPlatform({ folder: stateFolder })).rejects.toThrow('there is no platform in');
});

test('kill -9 of the test process leaves no process and no file', async () => {
  const source = `
    import { startPlatform } from ${JSON.stringify(TESTKIT)};
    const platform = await startPlatform();
    await platform.fault('redis-hanging');
    console.log(platform.stateFolder);
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const seen: Child[] = [];
  child.stdout.once('data', (line: Buffer) => seen.push(...processesOf(line.toString('utf8').trim())));
  const stateFolder = (await text(child.stdout)).trim();
  expect(await ended).toEqual([null, 'SIGKILL']);
  while (existsSync(stateFolder)) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(seen).toHaveLength(PROCESSES);
  expect(seen.filter(({ pid }) => lives(pid))).toEqual([]);
});
