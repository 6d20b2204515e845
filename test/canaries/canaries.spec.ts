import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SERVICES, type ServiceName } from '@countersign/contracts';
import { randomId, SystemRandom } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';
import { MailRelay } from '../world/mail-relay.js';
import { letterForms, useChallenges, type ChallengeCodes } from './challenges.js';
import { formsOf, quoted, type Pattern } from './encodings.js';
import { heapSnapshot, snapshotVariables } from './heap-snapshots.js';
import { filesBelow, memoryOf, piecesOf, showsMemory } from './places.js';
import { forEach, plantSeeds } from './planted.js';
import { usePins } from './pins.js';
import { useRekeys } from './rekeys.js';
import { sheetForms, useSheets } from './sheets.js';
import { useTokens } from './tokens.js';
import { Search, report, type Find } from './search.js';
import { makeTrouble, type Trouble } from './trouble.js';

const SEEDS = 1000;
const CHALLENGES = Number(process.env['CANARY_CHALLENGES'] ?? 240);
/** Proof that a place was read at all: what has to be found there. */
const CONTROLS = ['countersign', '"type":"accepted"', '"message":"ready"'];
const isControl = ({ pattern }: Find): boolean => CONTROLS.includes(pattern.canary);

describe('after 1,000 known seeds were imported and used, and everything went wrong that can', () => {
  let world: World;
  let relay: MailRelay;
  let challenges: ChallengeCodes;
  let snapshots: string;
  let trouble: Trouble;
  let secrets: Search;
  let secretsAndCodes: Search;
  const used = new Set<string>();
  const memories = new Map<string, Find[]>();
  const heaps = new Map<ServiceName, string>();

  beforeAll(async () => {
    snapshots = mkdtempSync(join(tmpdir(), 'countersign-heaps-'));
    relay = await MailRelay.start();
    world = await World.start({
      replicas: { delivery: 1 },
      variables: {
        delivery: { ...relay.variables, DELIVERIES_PER_TENANT: '1000000' },
        all: { LOG_LEVEL: 'debug', ...snapshotVariables(snapshots) },
      },
    });
    const planted = await plantSeeds(world, SEEDS);
    trouble = await makeTrouble(world, planted);
    const tokens = (await useTokens(world)).flatMap((token, index) => formsOf(`token ${index}`, token));
    for (const pin of await usePins(world)) used.add(pin);
    challenges = await useChallenges(world, relay, CHALLENGES);
    const sheets = await useSheets(world);
    const rekeys = await useRekeys(world);
    for (const code of rekeys.codes) used.add(code);
    const enrolled = await Promise.all(
      Array.from({ length: 16 }, (_, index) => world.owner({ type: index % 2 ? 'totp' : 'hotp' })),
    );
    for (const device of enrolled) used.add(device.codeAt(device.next - 1)); // its confirmation
    const doubted = new Set([...planted, ...enrolled].map(({ account }) => account)); // one device each: wrong codes close budgets
    await forEach([...planted, ...enrolled], 16, (device) => signIn(device, doubted.delete(device.account)));

    const controls = CONTROLS.map((text): Pattern => ({ canary: text, form: 'control', bytes: Buffer.from(text) }));
    const seeds = [
      ...[...planted, ...enrolled].flatMap(({ key }, index) => formsOf(`seed ${index}`, key)),
      ...sheets.keys.flatMap((key, index) => formsOf(`key of sheet ${index}`, key)),
      ...rekeys.keys.flatMap((key, index) => formsOf(`key ${index} of a re-key`, key)),
    ];
    const unread = challenges.unread.flatMap(letterForms);
    secrets = new Search([...seeds, ...unread, ...controls]);
    secretsAndCodes = new Search([
      ...[...seeds, ...tokens, ...controls, ...ownSecrets(), ...sheets.codes.flatMap(sheetForms)],
      ...[...unread, ...challenges.typed.flatMap(letterForms)],
      ...[...new Set([...used, ...trouble.codes])].flatMap(quoted),
    ]);

    // all that needs the platform up; no process rests between its last sign-in and the look into its memory
    for (const { name, pid } of showsMemory ? world.platform.processes : [])
      memories.set(name, await secrets.through(memoryOf(pid as number)));
    await Promise.all(
      SERVICES.map(async (service) => heaps.set(service, await heapSnapshot(world.process(service), snapshots))),
    );
    expect(await world.platform.askRedis(['CONFIG', 'SET', 'rdbcompression', 'no'])).toBe('+OK'); // else values hide
    expect(await world.platform.askRedis(['SAVE'])).toBe('+OK');
    await world.platform.stop(); // everything is on the disk
  }, 900_000); // a quiet machine needs 30 s; ten thousand challenges take minutes
  afterAll(async () => {
    await world.stop();
    await relay.stop();
    rmSync(snapshots, { recursive: true, force: true });
  });

  /** PINs, passwords, keys and nkey seeds: each lies in its own file, by whose name it is called here. */
  function ownSecrets(): Pattern[] {
    const { path } = world.platform.folder;
    const files = filesBelow(path).filter((file) => /^(?:secrets|credentials)\b|^hsm\b.(?:so-)?pin$/.test(file));
    expect(files.length).toBeGreaterThanOrEqual(20);
    return files.flatMap((file) => formsOf(file, readFileSync(join(path, file))));
  }

  /** A right code; where there are doubts also the same question again, the same code again, and a wrong one. */
  async function signIn(device: Device, doubted: boolean): Promise<void> {
    const app = await world.caller('app');
    const { account, id } = device;
    const requestId = randomId(new SystemRandom(), 12);
    const ask = async (code: string, more = {}): Promise<string> => {
      used.add(code);
      const { verdict, reason } = await app.verify({ account, device: id, code, ...more });
      return reason ?? verdict;
    };
    const code = device.code();
    expect(await ask(code, { requestId, origin: 'a-browser' })).toBe('accepted');
    if (doubted) {
      expect(await ask(code, { requestId })).toBe('accepted');
      expect(await ask(code)).toBe('replayed');
      expect(await ask(device.wrongCode(), { requestId: `${requestId}-2` })).toBe('wrong_code');
    }
  }

  test('the trouble was real', () => {
    expect([...trouble.met].sort()).toEqual(
      expect.arrayContaining([
        ...['BUSY', 'CONFLICT', 'FORBIDDEN', 'INVALID_ARGUMENT', 'LIMIT', 'NOT_FOUND', 'TOO_LARGE', 'UNAVAILABLE'],
        ...['disabled', 'done', 'locked', 'wrong_code'],
      ]),
    );
    expect(used.size).toBeGreaterThan(SEEDS);
  });

  test('no seed lies in any file of the platform (ledger, directory, Redis dump, logs), and no code, PIN or password', async () => {
    const folder = world.platform.folder.path;
    const files = filesBelow(folder);
    const found = new Map<string, Find[]>();
    for (const file of files) found.set(file, await secretsAndCodes.through(piecesOf(join(folder, file))));
    const controlsIn = (part: string): string[] =>
      report([...found].filter(([file]) => file.startsWith(part)).flatMap(([, finds]) => finds.filter(isControl)));
    expect(controlsIn(join('nats', 'store')).join()).toContain('"type":"accepted"');
    expect(controlsIn(join('redis', 'dump.rdb')).join()).toContain('countersign');
    for (const service of SERVICES)
      expect(controlsIn(join('logs', `${service}-1.log`)).join()).toContain('"message":"ready"');

    const wrong = [...found].map(([file, finds]) => {
      const own = finds.filter(({ pattern }) => pattern.canary === file);
      return { file, finds: report(finds.filter((each) => !isControl(each) && !own.includes(each))) };
    });
    const inTheHsm = wrong.filter(({ file, finds }) => file.startsWith(join('hsm', 'tokens')) && finds.length > 0);
    for (const { file, finds } of inTheHsm) say(`${file} (the software HSM's own): ${finds.length} canaries`);
    expect(wrong.filter((each) => each.finds.length > 0 && !inTheHsm.includes(each))).toEqual([]);
  });

  test('codes of challenges were sent, read and typed', () => {
    expect(relay.mails.length).toBe(CHALLENGES / 2);
    expect(new Set([...challenges.unread, ...challenges.typed]).size).toBe(CHALLENGES);
    expect(challenges.typed.length).toBe(CHALLENGES / 4);
  });

  test.each(SERVICES)(
    'no seed lies in the JS heap of %s, and no code of a challenge that nobody typed',
    async (service) => {
      const finds = await secrets.through(piecesOf(heaps.get(service) as string));
      expect(report(finds.filter(isControl)).join()).toContain('countersign');
      expect(report(finds.filter((each) => !isControl(each)))).toEqual([]);
      expect(basename(heaps.get(service) as string)).toMatch(/^Heap\..*\.heapsnapshot$/);
    },
  );

  test("no seed and no such code lies in any process's memory, save where codes are made and sent", () => {
    if (!showsMemory) return say('this system shows no other process`s memory; the heaps were searched');
    for (const [name, finds] of memories) {
      if (name !== 'redis') expect(report(finds.filter(isControl)).join()).toContain('countersign');
      const wrong = report(finds.filter((each) => !isControl(each)));
      if (name === 'delivery-1') say(`${name}'s memory, which cannot be wiped: ${wrong.length} canaries`);
      else if (name === 'key-derivation-1')
        say(`${name}'s memory, with the software HSM in it: ${wrong.length} canaries`);
      else expect({ name, wrong }).toEqual({ name, wrong: [] });
    }
    expect([...memories.keys()]).toEqual(expect.arrayContaining(['nats', 'redis', 'key-derivation-1']));
  });
});

/** One line for whoever reads the run; Jest would put ten around it. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
