import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { BegunImport } from '@countersign/contracts';
import { connectAs } from '@countersign/local';
import { hotp } from '@countersign/oath';
import { Secret, SystemRandom, randomId } from '@countersign/runtime';
import { formsOf } from '../canaries/encodings.js';
import { filesBelow, piecesOf } from '../canaries/places.js';
import { Search, report } from '../canaries/search.js';
import { IMPORTED_PROFILE as PROFILE, importBatch, type SeedOf } from '../world/import-batch.js';
import { World } from '../world/world.js';

const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const OTHER_TOKENS = 150; // more than two batches, so that several are under way

interface Ended {
  status: number | null;
  out: string;
  error: string;
}

/** What `--report` writes. */
interface Report {
  imported: number;
  there: number;
  refused: { line: number; field: string }[];
  failed: { line: number; code: string }[];
  devices: { line: number; serial: string; account: string; device: string; status: string }[];
}

describe('token files', () => {
  let world: World;
  let app: Countersign;
  let ops: Countersign;
  let auditor: Countersign;
  let folder: string;
  const random = new SystemRandom();
  const seeds: Buffer[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'token-files-'));
    world = await World.start();
    app = await world.caller('app');
    ops = await world.caller('ops');
    auditor = await world.caller('audit');
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const newSeed = (): Buffer => {
    const seed = random.bytes(20);
    seeds.push(seed);
    return seed;
  };
  const codeOf = (seed: Buffer, counter: number): string => hotp(new Secret(seed), counter, PROFILE);
  const newDevice = (): string => randomId(random, 12);

  function countersign(...args: string[]): Promise<Ended> {
    const state = ['--state', world.platform.folder.path];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--no-warnings', COUNTERSIGN, ...args, ...state]);
      const ended = { out: '', error: '' };
      child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (ended.error += chunk.toString('utf8')));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, ...ended }));
    });
  }

  async function imported(file: string, ...options: string[]): Promise<Ended & { report: Report }> {
    const path = join(folder, 'report.json');
    const ended = await countersign('import', file, '--report', path, ...options);
    return { ...ended, report: JSON.parse(readFileSync(path, 'utf8')) as Report };
  }

  function written(name: string, lines: string[]): string {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  }

  async function begun(account: string, device: string): Promise<BegunImport> {
    return (await ops.beginImport({ devices: [{ account, device }] })).devices[0] as BegunImport;
  }

  async function reserved(name: string): Promise<string> {
    const one = await begun(name, newDevice());
    if (one.kind === 'failed') throw new Error(one.failure.message);
    return one.account;
  }

  const batch = (seeds: SeedOf[]) => importBatch(ops, world.publicKeys.identity, seeds);

  describe('a file, on the command line', () => {
    const known = newSeed();
    const users = [newSeed(), newSeed()];
    const rest = Array.from({ length: OTHER_TOKENS }, newSeed);
    const lines = [
      '# version: 2',
      `, , , serial-1, ${known.toString('hex')}, hotp, 6, 5`,
      ...users.map((seed, at) => `grace@acme.example, , , serial-${at + 2}, ${seed.toString('hex')}, hotp, 6, 0`),
      ', , , serial-4, 0102, hotp, 6, 0',
      ...rest.map((seed, at) => `, , , other-${at}, ${seed.toString('hex')}, hotp, 6, 0`),
      `, , , serial-1, ${known.toString('hex')}, hotp, 6, 0`,
    ];
    let file: string;
    let before: Report;

    beforeAll(() => {
      file = written('tokens.csv', lines);
    });

    test('nothing is imported where any token is refused and that is to stop it, nor in a dry run', async () => {
      for (const option of ['--strict', '--dry-run']) {
        const { status, out, report } = await imported(file, '--active', option);
        expect({ status, imported: report.imported, there: report.there }).toEqual({
          status: 1,
          imported: 0,
          there: 0,
        });
        expect(report.refused).toMatchObject([
          { line: 5, field: 'seed' },
          { line: lines.length, field: 'serial' },
        ]);
        expect(out).toMatch(/^5 +serial-4 +seed: 2 bytes/m);
      }
      await expect(ops.account({ account: 'serial-1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('every token that can be taken in is, and each refused line is named', async () => {
      const { status, report } = await imported(file, '--active');
      expect(status).toBe(1);
      expect(report).toMatchObject({ imported: OTHER_TOKENS + 3, there: 0, failed: [] });
      expect(report.refused).toHaveLength(2);
      expect(report.devices.slice(0, 3)).toMatchObject([
        { line: 2, account: 'serial-1', status: 'active' },
        { line: 3, account: 'grace@acme.example', status: 'active' },
        { line: 4, account: 'grace@acme.example', status: 'active' },
      ]);
      before = report;
    });

    test('the codes of its tokens open their accounts, from the counter that the file says', async () => {
      expect(await app.verify({ account: 'serial-1', code: codeOf(known, 4) })).toMatchObject({ verdict: 'rejected' });
      expect(await app.verify({ account: 'serial-1', code: codeOf(known, 5) })).toMatchObject({ verdict: 'accepted' });
      for (const seed of users)
        expect(await app.verify({ account: 'grace@acme.example', code: codeOf(seed, 0) })).toMatchObject({
          verdict: 'accepted',
        });
    });

    test('the owner of a token gets a name, and the account is the same', async () => {
      await ops.names({ account: 'other-0', add: ['alan@acme.example'] });
      const code = codeOf(rest[0] as Buffer, 0);
      expect(await app.verify({ account: 'alan@acme.example', code })).toMatchObject({ verdict: 'accepted' });
    });

    test('run again, everything is there, and a line that was mended is imported', async () => {
      const mended = written('tokens.csv', lines.with(4, `, , , serial-4, ${newSeed().toString('hex')}, hotp, 6, 0`));
      const { report } = await imported(mended, '--active');
      expect(report).toMatchObject({ imported: 1, there: OTHER_TOKENS + 3, failed: [] });
      const again = report.devices.filter(({ serial }) => serial !== 'serial-4');
      expect(again).toEqual(before.devices);
      expect((await ops.devices({ account: 'grace@acme.example' })).devices).toHaveLength(2);
    });

    test('two who import it at once import each token once', async () => {
      const twice = written(
        'twice.csv',
        Array.from({ length: 130 }, (_, at) => `twice-${at}, ${newSeed().toString('hex')}, hotp`),
      );
      const both = await Promise.all([countersign('import', twice, '--json'), countersign('import', twice, '--json')]);
      const counts = both.map(({ out }) => JSON.parse(out) as Report);
      expect(counts[0]!.imported + counts[1]!.imported).toBe(130);
      expect(counts.map(({ imported: now, there, failed }) => [now + there, failed])).toEqual([
        [130, []],
        [130, []],
      ]);
      for (const at of [0, 64, 129])
        expect((await ops.devices({ account: `twice-${at}` })).devices).toMatchObject([
          { status: 'pending', epoch: 1 },
        ]);
    });

    test('an encrypted file is opened here, with a key from a file', async () => {
      const vector = fileURLToPath(new URL('../vectors/token-files/pskc-aes128.xml', import.meta.url));
      const expected = JSON.parse(
        readFileSync(new URL('../vectors/token-files/expected.json', import.meta.url), 'utf8'),
      ) as Record<string, { pre_shared_key_hex: string; tokens: { serial: string; type: string; seed_hex: string }[] }>;
      const { pre_shared_key_hex: key, tokens } = expected['pskc-aes128.xml']!;
      const { status, report } = await imported(vector, '--active', '--key-file', written('key.txt', [key]));
      expect({ status, imported: report.imported }).toEqual({ status: 0, imported: tokens.length });
      const token = tokens.find(({ type }) => type === 'hotp')!;
      const seed = Buffer.from(token.seed_hex, 'hex');
      expect(await app.verify({ account: token.serial, code: codeOf(seed, 0) })).toMatchObject({ verdict: 'accepted' });
      const wrong = await countersign('import', vector, '--key-file', written('other.txt', ['00'.repeat(16)]));
      expect(wrong).toMatchObject({ status: 2, error: expect.stringContaining('wrong_key') });
    });

    test('no seed is in the ledger, in a log, or in any other file of the platform', async () => {
      const search = new Search(seeds.flatMap((seed, at) => formsOf(`seed ${at}`, seed)));
      const planted = join(world.platform.folder.path, 'planted.txt');
      writeFileSync(planted, `...${known.toString('hex')}...`);
      const finds = [];
      for (const path of filesBelow(world.platform.folder.path))
        for (const find of await search.through(piecesOf(join(world.platform.folder.path, path)))) finds.push(find);
      rmSync(planted);
      expect(report(finds)).toEqual(['seed 0 as hex, 1 times']);
    });
  });

  describe('a batch', () => {
    test('one seed that does not open spoils no other, and what it is for can be imported later', async () => {
      const devices = [newDevice(), newDevice(), newDevice()];
      const account = await world.account();
      const items = devices.map((device) => ({ id: account.id, device, epoch: 1, seed: newSeed() }));
      const spoilt = items.map((item, at) => (at === 1 ? { ...item, spoilt: true as const } : item));
      const unknown = { ...items[0]!, id: '0'.repeat(20) };
      const answers = await batch([...spoilt, unknown]);
      expect(answers.map(({ kind }) => kind)).toEqual(['imported', 'failed', 'imported', 'failed']);
      expect(answers[1]).toMatchObject({ failure: { code: 'INVALID_ARGUMENT' } });
      expect(answers[3]).toMatchObject({ failure: { code: 'NOT_FOUND' } });
      expect(await begun(account.name, devices[1]!)).toEqual({ kind: 'new', account: account.id, epoch: 1 });
      expect((await batch([items[1]!, items[0]!])).map(({ kind }) => kind)).toEqual(['imported', 'there']);
    });

    const starts = [
      { of: 'an account', start: () => world.account() },
      {
        of: 'a name that is reserved and has no account yet',
        start: async () => ({ name: 'reserved', id: await reserved('reserved') }),
      },
    ];
    test.each(starts)('interrupted between record and event, for $of, it is done under the next epoch', async (one) => {
      const { name, id } = await one.start();
      const [device, seed] = [newDevice(), newSeed()];
      const record = { type: 'record', v: 1, device, epoch: 1, method: 'import', profile: PROFILE };
      const rest = { reference: 's1.AAAA', at: 1, by: 'ops', after: 0, nonce: 'x' };
      const bus = await connectAs(world.platform.folder, world.platform.natsServers, 'enrollment', 5_000);
      bus.publish(`ledger.acme.${id}.${device}.1`, { ...record, ...rest });
      await bus.close();
      expect(await batch([{ id, device, epoch: 1, seed }])).toMatchObject([
        { kind: 'failed', failure: { code: 'UNAVAILABLE' } },
      ]);
      const next = await begun(name, device);
      expect(next).toEqual({ kind: 'new', account: id, epoch: 2 });
      expect(await batch([{ id, device, epoch: 2, seed }])).toMatchObject([{ kind: 'imported', status: 'active' }]);
      expect(await app.verify({ account: name, code: codeOf(seed, 0) })).toMatchObject({ verdict: 'accepted' });
      expect(await begun(name, device)).toMatchObject({ kind: 'there', status: 'active' });
    });

    test("a name that was reserved is nobody's until its first device, and may be created meanwhile", async () => {
      const names = ['reserved-1', 'reserved-2'];
      const ids = await Promise.all(names.map(reserved));
      expect(await app.verify({ account: 'reserved-1', code: '123456' })).toMatchObject({ verdict: 'rejected' });
      await expect(ops.account({ account: 'reserved-1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await ops.createAccount({ names: ['reserved-2'] })).toMatchObject({ id: ids[1] });
      const items = ids.map((id) => ({ id, device: newDevice(), epoch: 1, seed: newSeed() }));
      expect((await batch(items)).map(({ kind }) => kind)).toEqual(['imported', 'imported']);
      const histories = await Promise.all(names.map((account) => auditor.events({ account })));
      expect(histories.map(({ events }) => events.map(({ type }) => type))).toEqual([
        ['imported'],
        ['created', 'imported'],
      ]);
      await expect(ops.createAccount({ names: ['reserved-1'] })).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test('a device that was revoked does not come back, however long ago', async () => {
      const { name, id } = await world.account();
      const devices = Array.from({ length: 5 }, newDevice); // one more than a state shows
      for (const device of devices) {
        await batch([{ id, device, epoch: 1, seed: newSeed() }]);
        await ops.revoke({ account: name, device });
      }
      expect((await ops.devices({ account: name })).devices.map(({ device }) => device)).not.toContain(devices[0]);
      expect(await begun(name, devices[0]!)).toMatchObject({
        kind: 'failed',
        failure: { code: 'CONFLICT', message: 'the device was imported once, and was revoked' },
      });
      expect(await begun(name, devices[4]!)).toMatchObject({ kind: 'there', status: 'revoked' });
    });
  });
});
