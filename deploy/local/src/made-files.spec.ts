import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemRandom, type Random } from '@countersign/runtime';
import { addressOf, choosePlaces } from './cluster/places.js';
import { callerCredentials, callerFor } from './credentials.js';
import { StateFolder } from './folder.js';
import { identitiesOf, planWith } from './identities.js';
import { DEV_TENANTS, addTenants, readPlan, writePlan } from './plan.js';
import { makePlatform } from './make-platform.js';
import { HOST, freePort } from './ports.js';
import type { Servers } from './runtime.js';
import { makeSecrets } from './secrets.js';

let folder: StateFolder;
beforeEach(() => {
  folder = new StateFolder(join(mkdtempSync(join(tmpdir(), 'countersign-made-')), 'state'));
  folder.make();
});
afterEach(() => rmSync(join(folder.path, '..'), { recursive: true, force: true }));

/** Every file and folder below `path`, with its mode. */
function modes(path: string): [string, number][] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry): [string, number][] => {
    const below = join(path, entry.name);
    const own: [string, number] = [below, statSync(below).mode & 0o777];
    return entry.isDirectory() ? [own, ...modes(below)] : [own];
  });
}

describe('what is made', () => {
  test('can be read by its owner only', () => {
    makeSecrets(folder, new SystemRandom());
    writePlan(folder, planWith(folder, DEV_TENANTS, undefined));
    const all = modes(folder.path);
    expect(all.length).toBeGreaterThan(20);
    for (const [path, mode] of all) expect([path, mode & 0o077]).toEqual([path, 0]);
  });

  test('is made once', () => {
    const everything = () => {
      makeSecrets(folder, new SystemRandom());
      writePlan(folder, planWith(folder, DEV_TENANTS, readPlan(folder)));
      return modes(folder.path).flatMap(([path]) =>
        statSync(path).isFile() ? [readFileSync(path).toString('hex')] : [],
      );
    };
    expect(everything()).toEqual(everything());
  });

  test('a drawn key keeps its 32 bytes when a reader takes a last newline off', () => {
    const draws = [10, 10, 65].map((last) => Buffer.alloc(32, last));
    let drawn = 0;
    const random: Random = { bytes: (length) => (draws[drawn++] ?? Buffer.alloc(32, 66)).subarray(0, length) };
    makeSecrets(folder, random);
    expect(readFileSync(folder.secret('directory-index.key'))).toEqual(Buffer.alloc(32, 65));
  });
});

describe('tenants and callers', () => {
  test('each has credentials of its own, and the plan holds no secret', () => {
    const plan = planWith(folder, DEV_TENANTS, undefined);
    const { tenants, services, operator, setup } = identitiesOf(plan);
    const nkeys = [
      ...Object.values(services),
      operator,
      setup,
      ...tenants.flatMap((each) => each.callers.map((c) => c.nkey)),
    ];
    expect(new Set(nkeys).size).toBe(5 + 2 + 8);
    for (const nkey of nkeys) expect(nkey).toMatch(/^U[A-Z2-7]{55}$/);
    expect(JSON.stringify(plan)).not.toMatch(/"SU/);
  });

  test('a tenant that is added leaves the others as they are', () => {
    const before = JSON.stringify(planWith(folder, DEV_TENANTS, undefined));
    const after = planWith(folder, [{ name: 'gamma', callers: { app: 'verifier' } }], JSON.parse(before) as never);
    expect(after.tenants.slice(0, 2)).toEqual((JSON.parse(before) as typeof after).tenants);
    expect(after.tenants[2]).toMatchObject({ name: 'gamma', names: 'fold', callers: [{ name: 'app' }] });
  });

  test.each(['', '..', 'a.b', 'A', 'x'.repeat(33), '../../etc'])('a tenant called %p is refused', (name) => {
    expect(() => addTenants({ tenants: [] } as never, [{ name, callers: {} }], () => 'U')).toThrow('tenant should be');
  });

  test('a caller is found by the verb that its role may ask', () => {
    const plan = planWith(folder, DEV_TENANTS, undefined);
    writePlan(folder, { ...plan, ports: { nats: 4222 } });
    expect(callerFor(folder, 'acme', 'verify')).toMatchObject({ caller: 'app', servers: ['127.0.0.1:4222'] });
    expect(callerFor(folder, 'beta', 'audit.events')).toMatchObject({ tenant: 'beta', caller: 'audit' });
    expect(callerFor(folder, 'acme', 'device.revoke').caller).toBe('ops');
    const { nkeySeedFile } = callerCredentials(folder, 'acme', 'desk');
    expect(readFileSync(nkeySeedFile, 'utf8')).toMatch(/^SU[A-Z2-7]{56}$/);
    expect(() => callerCredentials(folder, 'acme', 'nobody')).toThrow('there are app (verifier), desk (enroller)');
    expect(() => callerCredentials(folder, 'gamma', 'app')).toThrow('there are acme, beta');
  });
});

describe('where servers are', () => {
  const network = { addressOf: (name: string) => `10.0.0.${name.length}`, wrap: <T>(program: T) => program };

  test('a cluster has a place for each server, and no port twice', async () => {
    const { nats, redis, sentinels } = await choosePlaces('cluster', undefined);
    expect([nats, redis, sentinels].map((places) => places.map(({ name }) => name))).toEqual([
      ['nats-1', 'nats-2', 'nats-3'],
      ['redis-1', 'redis-2'],
      ['sentinel-1', 'sentinel-2', 'sentinel-3'],
    ]);
    const ports = [...nats, ...redis, ...sentinels].flatMap(({ port, routePort = [] }) => [port, routePort].flat());
    expect(new Set(ports).size).toBe(11);
  });

  test('with addresses of their own they have the usual ports', async () => {
    const { nats, redis } = await choosePlaces('single', network);
    expect(nats.map(addressOf)).toEqual(['10.0.0.4:4222']);
    expect(redis.map(addressOf)).toEqual(['10.0.0.5:6379']);
  });

  test('what a platform is, single or cluster, is fixed when it is made', async () => {
    writePlan(folder, planWith(folder, DEV_TENANTS, undefined));
    const wishes = {
      servers: {} as Servers,
      tenants: DEV_TENANTS,
      random: new SystemRandom(),
      topology: 'cluster',
    } as const;
    await expect(makePlatform(folder, wishes)).rejects.toThrow('single for ever');
  });
});

test('a port is kept while it is free, and another is found when it is not', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, HOST, resolve));
  const found = await freePort(port);
  expect(found).toBeGreaterThan(0);
  expect(found).not.toBe(port);
  await new Promise((resolve) => other.close(resolve));
});

test('a plan of another version is refused', () => {
  writePlan(folder, { version: 2 } as never);
  expect(() => readPlan(folder)).toThrow('reads version 1');
  expect(existsSync(folder.plan())).toBe(true);
});
