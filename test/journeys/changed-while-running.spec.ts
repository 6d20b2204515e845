import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectCaller } from '@countersign/caller';
import { addCaller, addTenant, callerCredentials, revokeCaller, rotateCaller } from '@countersign/local';
import { Log, sleep } from '@countersign/runtime';
import { World } from '../world/world.js';

const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const START_MS = 120_000;

let world: World;
beforeAll(async () => {
  world = await World.start({ replicas: { verification: 2, delivery: 1 } });
}, START_MS);
afterAll(() => world.stop());

const argumentsOf = (command: string): string[] => [
  '--no-warnings',
  COUNTERSIGN,
  ...command.split(' '),
  ...['--state', world.platform.folder.path],
];
const countersign = (command: string): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, argumentsOf(command), { encoding: 'utf8' });

/** A caller whose log of losing and finding its connection is kept. */
async function watched(tenant: string, caller: string) {
  const said: string[] = [];
  const log = new Log('watched', 'info', (line) => said.push((JSON.parse(line) as { message: string }).message));
  const { folder } = world.platform;
  const connection = await connectCaller({ ...callerCredentials(folder, tenant, caller), timeoutMs: 3000, log });
  said.length = 0;
  return { connection, said };
}

describe('tenants and callers of a running platform', () => {
  test('come, and nobody who is connected notices', async () => {
    const desk = await watched('acme', 'desk');
    const { folder } = world.platform;
    const made = await addTenant(folder, { name: 'gamma', callers: { web: 'verifier', desk: 'enroller' } });
    expect(made.callers.map(({ proof }) => proof?.refused)).toEqual(['device.confirm', 'verify']);
    await addCaller(folder, 'acme', 'shop', 'verifier');
    expect(desk.said).toEqual([]);
    await desk.connection.createAccount({ names: ['still-here'] });
    await desk.connection.close();
    const web = await watched('gamma', 'web');
    expect((await web.connection.verify({ account: 'still-here', code: '123456' })).reason).toBe('wrong_code');
    await web.connection.close();
  });

  test('get another key: the old one ends with its connections, the new one works', async () => {
    const { folder } = world.platform;
    const old = await watched('acme', 'app');
    const before = readFileSync(folder.callerCredential('acme', 'app'), 'utf8');
    await rotateCaller(folder, 'acme', 'app');
    expect(readFileSync(folder.callerCredential('acme', 'app'), 'utf8')).not.toBe(before);
    await expect(old.connection.verify({ account: 'ada', code: '123456' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await old.connection.close();
    const fresh = await watched('acme', 'app');
    expect((await fresh.connection.verify({ account: 'ada', code: '123456' })).verdict).toBe('rejected');
    await fresh.connection.close();
  });

  test('end: the credential is refused, and nothing brings it back but adding the caller', async () => {
    const { folder } = world.platform;
    await addCaller(folder, 'acme', 'guest', 'verifier');
    const credentials = callerCredentials(folder, 'acme', 'guest');
    const copy = `${credentials.nkeySeedFile}.copy`;
    writeFileSync(copy, readFileSync(credentials.nkeySeedFile), { mode: 0o600 });
    const guest = await watched('acme', 'guest');
    await revokeCaller(folder, 'acme', 'guest');
    expect(existsSync(credentials.nkeySeedFile)).toBe(false);
    await expect(guest.connection.verify({ account: 'ada', code: '123456' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await guest.connection.close();
    await expect(connectCaller({ ...credentials, nkeySeedFile: copy })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    rmSync(copy);
    await world.platform.addTenant({ name: 'acme', callers: { guest: 'verifier' } });
    expect(world.platform.tenants[0]?.callers.map(({ name }) => name)).not.toContain('guest');
    expect((await addCaller(folder, 'acme', 'guest', 'auditor')).proof?.answered).toContain('audit.events');
  });

  test('of which a service does not answer are written, and said to be unproven', async () => {
    await world.process('audit').stop();
    await expect(addCaller(world.platform.folder, 'acme', 'late', 'auditor')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/not proven yet: audit\.\w+ as late/),
    });
    await world.process('audit').start();
    expect(world.platform.tenants[0]?.callers.map(({ name }) => name)).toContain('late');
  }, 30_000);
});

test('every replica follows a change of names at once: added, removed, given to somebody else', async () => {
  const [desk, app] = [await world.caller('desk'), await watched('acme', 'app')];
  const ada = await world.owner();
  const bob = await world.owner();
  // Both replicas share the questions, so that several in a row reach each of them.
  const asks = (account: string, device: typeof ada) =>
    app.connection.verify({ account, code: device.code() }).then(({ verdict, reason }) => reason ?? verdict);
  for (let round = 0; round < 4; round += 1) {
    const nick = `nick-${round}`;
    await desk.names({ account: ada.account, add: [nick] });
    expect(await asks(nick, ada)).toBe('accepted');
    for (let each = 0; each < 3; each += 1) expect(await asks(nick, ada)).toBe('accepted'); // now both remember
    await desk.names({ account: nick, remove: [nick] });
    expect(await asks(nick, ada)).toBe('wrong_code');
    await desk.names({ account: bob.account, add: [nick] });
    expect(await asks(nick, bob)).toBe('accepted');
    expect(await asks(ada.account, ada)).toBe('accepted');
  }
  await app.connection.close();
});

describe('the doctor', () => {
  const found = () => {
    const { status, stdout } = countersign('doctor --json');
    const { findings } = JSON.parse(stdout as string) as { findings: { state: string; text: string; mend?: string }[] };
    return { status, wrong: findings.filter(({ state }) => state === 'wrong') };
  };

  test('finds a file that others may read, a foreign key, a changed configuration and a service that is gone', async () => {
    expect(found()).toEqual({ status: 0, wrong: [] });
    const { folder } = world.platform;
    const key = folder.callerCredential('acme', 'ops');
    const pin = folder.hsmPin();
    const config = readFileSync(folder.natsConfig(), 'utf8');
    chmodSync(pin, 0o644);
    renameSync(key, `${key}.away`);
    writeFileSync(folder.natsConfig(), config.replace('sync_interval: always', 'sync_interval: "2m"'));
    await world.process('enrollment').stop();
    const { status, wrong } = found();
    expect(status).toBe(1);
    expect(wrong.map(({ text, mend }) => `${text} -> ${mend}`)).toEqual([
      `${pin} can be reached by others (mode 0644) -> chmod go= ${pin}`,
      `${key} is missing or no nkey -> countersign caller rotate ops --tenant acme`,
      expect.stringContaining('nats.conf is not what the plan says'),
      expect.stringContaining('without sync_interval: always'),
      'enrollment does not answer -> countersign logs enrollment',
    ]);
    chmodSync(pin, 0o600);
    renameSync(`${key}.away`, key);
    writeFileSync(folder.natsConfig(), config);
    await world.process('enrollment').start();
    expect(found().wrong).toEqual([]);
  }, 30_000);

  test('finds another token than the pinned one, and a ledger that went back', () => {
    const { folder } = world.platform;
    const pinned = readFileSync(folder.hsmPublic(), 'utf8');
    const mark = folder.state('audit-9.high-water.json');
    writeFileSync(folder.hsmPublic(), pinned.replace(/("devices-1": ?")[0-9a-f]{2}/, '$1zz'));
    writeFileSync(mark, JSON.stringify({ created: 'another', sequence: 1 }), { mode: 0o600 });
    const { wrong } = found();
    writeFileSync(folder.hsmPublic(), pinned);
    rmSync(mark);
    expect(wrong.map(({ text }) => text)).toEqual([
      expect.stringContaining('the token is not the one that'),
      expect.stringContaining('audit-9.high-water.json saw more'),
    ]);
  });
});

describe('at the terminal', () => {
  let script: string;
  beforeAll(() => {
    script = countersign('completion bash').stdout as string;
  });

  test('logs --follow tells what is written from now on', async () => {
    const child: ChildProcess = spawn(process.execPath, argumentsOf('logs verification-2 --follow --lines 0 --json'));
    const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    const next = lines.next();
    let came = false;
    void next.then(() => (came = true));
    for (let tries = 0; tries < 100 && !came; tries += 1) {
      await world.process('verification', 2).restart();
      await sleep(500);
    }
    expect(JSON.parse((await next).value as string)).toMatchObject({ process: 'verification-2' });
    child.kill();
  }, 60_000);

  test.each([
    ['countersign ', ['account', 'doctor', 'verify']],
    ['countersign caller ', ['add', 'rotate', 'revoke', 'list']],
    ['countersign caller add shop --role ', ['verifier', 'enroller', 'operator', 'auditor', 'gateway', 'courier']],
    ['countersign account names ada --re', ['--remove']],
  ])('bash completes %j', (line, wanted) => {
    const words = line.split(' ');
    const typed = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const bash = spawnSync(
      'bash',
      ['--norc', '-c', `${script}\n${typed}\n_countersign\nprintf '%s\\n' "\${COMPREPLY[@]}"`],
      {
        encoding: 'utf8',
      },
    );
    expect(bash.stderr).toBe('');
    expect(bash.stdout.split('\n')).toEqual(expect.arrayContaining(wanted));
  });
});
