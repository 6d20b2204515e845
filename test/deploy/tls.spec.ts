import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectBus } from '@countersign/bus';
import { connectCaller, type Countersign } from '@countersign/caller';
import { Platform, addCaller, makeCertificates, planOf, renewCertificates } from '@countersign/local';
import { Log, Secret, SystemRandom } from '@countersign/runtime';
import { Redis } from 'ioredis';

const START_MS = 120_000;
const SILENT = new Log('test', 'error', () => undefined);
const NOW_AND_THEN_MS = 20;

let folder: string;
let platform: Platform;
let app: Countersign;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
  platform = await Platform.create({ folder, tls: true, afterwards: 'remove' });
  await platform.start({ replicas: { delivery: 0 } });
  app = await connectCaller({ ...platform.callerCredentials('acme', 'app'), log: SILENT });
}, START_MS);
afterAll(async () => {
  await app.close();
  await platform.remove();
  rmSync(folder, { recursive: true, force: true });
});

const verdict = (asked: Countersign) => asked.verify({ account: 'nobody', code: '123456' });

describe('a platform with TLS', () => {
  test('decides, by a cache that it reaches by TLS', async () => {
    expect(await verdict(app)).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
    expect(readFileSync(platform.folder.log('verification-1'), 'utf8')).toContain('the window cache answers');
  });

  test('takes nobody without a certificate of its own, whatever the nkey', async () => {
    const { nkeySeedFile, caller, certFile, keyFile, ...where } = platform.callerCredentials('acme', 'app');
    const nkeySeed = (): Secret => new Secret(readFileSync(nkeySeedFile));
    const tried = (tls: object) =>
      connectBus({
        servers: where.servers,
        identity: caller,
        nkeySeed: nkeySeed(),
        log: SILENT,
        firstConnectMs: 100,
        ...tls,
      });
    const trusted = { caFile: where.caFile as string };
    const foreign = await foreignCertificate();
    await expect(tried({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(tried(trusted)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(tried({ ...trusted, ...foreign })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await (await tried({ ...trusted, certFile, keyFile })).close();
  }, 30_000);

  test('is not spoken to by a client that trusts another authority, nor by one that is offered no TLS', async () => {
    const { caFile, ...credentials } = platform.callerCredentials('acme', 'app');
    expect(caFile).toBe(platform.folder.tlsTrusted());
    const stranger = { ...credentials, caFile: (await foreignCertificate()).caFile };
    const { nkeySeedFile, caller, ...where } = stranger;
    const nkeySeed = new Secret(readFileSync(nkeySeedFile));
    const bus = connectBus({ ...where, identity: caller, nkeySeed, log: SILENT, firstConnectMs: 100 });
    await expect(bus).rejects.toThrow(/certificate/);
  });

  test('has a Redis that says nothing in clear', async () => {
    const said = await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: platform.redisPort }, () => socket.write('PING\r\n'));
      socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
      socket.once('error', () => resolve('closed'));
      socket.once('close', () => resolve('closed'));
    });
    expect(said).not.toMatch(/^[-+]/);
    expect(await platform.askRedis(['PING'])).toBe('+PONG');
  });

  test('lets verification do in Redis what its scripts do, and refuses every other command there is', async () => {
    const as = (username: string, file: 'redis-admin.password' | 'redis-verification.password'): Redis =>
      new Redis({
        ...{ host: '127.0.0.1', port: platform.redisPort, tls: { ca: readFileSync(platform.folder.tlsTrusted()) } },
        ...{ username, password: readFileSync(platform.folder.secret(file), 'utf8'), enableReadyCheck: false },
      });
    const admin = as('admin', 'redis-admin.password');
    const verification = as('verification', 'redis-verification.password');
    try {
      const all = commandsIn((await admin.call('COMMAND')) as Command[]);
      const allowed: string[] = [];
      for (const { words, needed } of all.filter(
        ({ words: [name] }) => !ENDS_THE_CONNECTION.includes(name as string),
      )) {
        const filled = [...words, ...Array.from({ length: needed - words.length }, () => 'countersign:x')];
        const answer = await verification.call(...(filled as [string])).catch((error: Error) => error.message);
        if (!REFUSED.test(String(answer))) allowed.push(words.join(' '));
      }
      expect(all.length).toBeGreaterThan(200);
      expect(allowed.sort()).toEqual(MAY);
      const foreign = [
        verification.hset('other', 'a', '1'),
        verification.eval('return redis.call("hset", KEYS[1], "a", "1")', 1, 'other'),
        verification.eval('return redis.call("set", KEYS[1], "1")', 1, 'countersign:x'),
      ];
      for (const refused of foreign)
        await expect(refused).rejects.toThrow(/NOPERM|can't run this command|can't access at least one of the keys/);
      expect(await verification.hset('countersign:x', 'a', '1')).toBe(1);
    } finally {
      admin.disconnect();
      verification.disconnect();
    }
  }, 30_000);

  test('gives everybody another certificate while it decides, and who comes later sees the new ones', async () => {
    const before = await serverCertificate();
    let wrong = 0;
    let asked = 0;
    let asking = true;
    const load = (async () => {
      for (; asking; asked += 1) {
        await verdict(app).catch(() => (wrong += 1));
        await new Promise((resolve) => setTimeout(resolve, NOW_AND_THEN_MS));
      }
    })();
    const names = await renewCertificates(platform.folder);
    asking = false;
    await load;
    expect(names).toEqual(expect.arrayContaining(['nats', 'redis', 'verification', 'setup', 'beta/app']));
    expect({ wrong, asked: asked > 5 }).toEqual({ wrong: 0, asked: true });
    expect((await serverCertificate()).serialNumber).not.toBe(before.serialNumber);
    await platform.process('verification-1').stop();
    await platform.process('verification-1').start();
    expect(await verdict(app)).toMatchObject({ verdict: 'rejected' });
    const { proof } = await addCaller(platform.folder, 'acme', 'shop', 'verifier'); // connects with a certificate of its own
    expect(proof?.answered).toContain('verify');
  }, 60_000);
});

test('certificates are made once, again when they soon end, and say who and where', async () => {
  const plan = planOf(platform.folder);
  const random = new SystemRandom();
  const inDays = (days: number) => ({ clock: { now: () => Date.now() + days * 86_400_000 }, random });
  expect(await makeCertificates(platform.folder, plan, 'missing', inDays(0))).toEqual([]);
  const held = new X509Certificate(readFileSync(platform.folder.tls('nats.pem')));
  expect(held.subject).toBe('CN=nats');
  expect(held.checkHost('localhost')).toBe('localhost');
  expect(held.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(held.ca).toBe(false);
  const authority = new X509Certificate(readFileSync(platform.folder.tlsTrusted()));
  expect([authority.ca, held.checkIssued(authority), held.verify(authority.publicKey)]).toEqual([true, true, true]);
  expect(await makeCertificates(platform.folder, plan, 'missing', inDays(61))).toContain('nats');
});

/** Of a Redis that shows its commands: name, arity ... and at 9 its subcommands. */
type Command = [string, number, ...unknown[]] & { 9?: Command[] };

const ENDS_THE_CONNECTION = ['auth', 'hello', 'quit', 'reset', 'select']; // of the group @connection
/** By the access list; two commands are off for everybody. */
const REFUSED = /^NOPERM|^ERR (?:DEBUG|MODULE) command not allowed/;
/** Beside those; `script` and `client` in parts. */
const MAY = [
  'client id',
  'client setname',
  'del',
  'eval',
  'evalsha',
  'exec', // is never asked about; `multi` before it is
  'hdel',
  'hget',
  'hmget',
  'hset',
  'info',
  'pexpire',
  'ping',
  'pttl',
  'script load',
];

const commandsIn = (commands: Command[]): { words: string[]; needed: number }[] =>
  commands.flatMap((command) => {
    const parts = command[9] ?? [];
    if (parts.length > 0) return commandsIn(parts);
    return [{ words: command[0].split('|'), needed: Math.abs(command[1]) }];
  });

function serverCertificate(): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(platform.folder.tlsTrusted());
    const at = { host: '127.0.0.1', port: platform.redisPort, ca, servername: 'redis' };
    const socket = connectTls(at, () => {
      resolve(socket.getPeerX509Certificate() as X509Certificate);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** Of another authority, which nobody here trusts; in the name of the same caller. */
async function foreignCertificate(): Promise<{ caFile: string; certFile: string; keyFile: string }> {
  const other = mkdtempSync(join(folder, 'foreign-'));
  const { StateFolder } = await import('@countersign/local');
  const there = new StateFolder(other);
  there.make();
  const plan = planOf(platform.folder);
  writeFileSync(there.plan(), JSON.stringify(plan));
  await makeCertificates(there, plan);
  return {
    caFile: there.tlsTrusted(),
    certFile: there.tls('verification.pem'),
    keyFile: there.tls('verification.key'),
  };
}
