import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Failure } from '@countersign/caller';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { redeeming } from '../world/activation.js';
import { ocraDeviceOf } from '../world/ocra.js';
import { vectors } from '../world/vectors.js';
import { pair } from '../world/pairing.js';
import { issuerOf, recipientFile } from '../world/recipient.js';
import { recoverySheetOf } from '../world/recovery.js';
import { sheetOf } from '../world/sheets.js';
import { rekeyOf } from '../world/rekey.js';
import { World } from '../world/world.js';
import { COUNTERSIGN, commandsIn } from './commands.js';
import { SNIPPETS, bare, quoted, tableRows } from './documents.js';
import { compiled, run, runModule } from './programs.js';

const CLI = join(root, 'clients', 'cli', 'dist', 'main.js');
/** Snippets of callers, by what they import. */
const OF_CALLERS = "from '@countersign/caller'";
/** Run in package-readmes.spec.ts and token-files.spec.ts. */
const ELSEWHERE = [
  'clients/audit-verifier/README.md',
  'clients/device/README.md',
  'libs/bus/README.md',
  'libs/tlog/README.md',
  'deploy/local/README.md',
  'docs/testkit.md',
  'docs/token-files.md',
];

/** Events that take somebody who sends. */
const OF_DELIVERY = ['challenge_sending', 'challenge_sent', 'challenge_undelivered'];

let world: World;
beforeAll(async () => {
  world = await World.start();
  await issuerOf(world, 'app');
});
afterAll(() => world.stop());

/** A fresh code of a confirmed device of the account, which is made when it is not there. */
async function codeOf(account: string): Promise<string> {
  const desk = await world.caller('desk');
  await desk.createAccount({ names: [account] }).catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
  });
  const device = await world.enrol(account, { type: 'hotp', digits: 6 });
  await desk.confirm({ account, device: device.id, code: device.code() });
  return device.code();
}

/** Of an OCRA device that signs payments, as JSON. */
async function deviceFileOf(account: string): Promise<string> {
  const suites = { suite: 'OCRA-1:HOTP-SHA256-8:QN20', platformSuite: 'OCRA-1:HOTP-SHA256-6:QN20' };
  return JSON.stringify((await ocraDeviceOf(world, account, suites)).path);
}

describe('commands', () => {
  const shown = SNIPPETS.filter(({ language }) => language === 'sh').flatMap((snippet) =>
    commandsIn(snippet)
      .filter((command) => COUNTERSIGN.test(command))
      .map((command) => ({ at: snippet.at, command })),
  );

  test('there are some', () => expect(shown.length).toBeGreaterThan(3));

  test.each(shown)('$at: $command', async ({ command }) => {
    const state = world.platform.folder.path;
    const asWritten = `npx() { shift; "${process.execPath}" "${CLI}" "$@" --state "${state}"; }; ${command}`;
    const { status, errors } = await run('bash', ['-o', 'pipefail', '-c', asWritten]);
    expect({ status, errors: status === 0 ? '' : errors }).toEqual({ status: 0, errors: '' });
  });
});

describe('snippets', () => {
  test.each(SNIPPETS.filter(({ language, text }) => language === 'ts' && text.includes(OF_CALLERS)))(
    '$at gets a verdict',
    async ({ text }) => {
      const account = /account: '([^']+)'/.exec(text)?.[1] ?? '';
      const { servers, nkeySeedFile } = world.platform.callerCredentials('acme', 'app');
      const source = compiled(text)
        .replaceAll('127.0.0.1:4222', servers[0] as string)
        .replaceAll("'app.nk'", JSON.stringify(nkeySeedFile))
        .replaceAll("'app.recipient'", JSON.stringify(recipientFile(world, 'app')))
        .replaceAll('492039', await codeOf(account))
        .replaceAll("'carol.device'", text.includes("'carol.device'") ? await deviceFileOf(account) : '');
      const { status, output, errors } = await runModule(source);
      expect({ status, output, errors }).toMatchObject({ status: 0, output: expect.stringMatching(/^accepted\b/) });
    },
  );

  test.each(SNIPPETS.filter(({ language }) => language === 'js'))(
    '$at computes what other implementations computed',
    async ({ text }) => {
      const [enrolment] = vectors<{ cases: Record<string, string>[] }>('pairing-v1.json').cases;
      const { status, output } = await runModule(text);
      expect(status).toBe(0);
      const right = [enrolment?.['transcript_hash_hex'], enrolment?.['kek_hex']];
      expect(output.trim().split('\n')).toEqual(right);
      for (const hex of right) expect(text).toContain(`// ${hex}`);
    },
  );

  test('no snippet of TypeScript is left that nobody runs', () => {
    const others = SNIPPETS.filter(({ language, text }) => language === 'ts' && !text.includes(OF_CALLERS));
    expect(others.map(({ file }) => file).filter((file) => !ELSEWHERE.includes(file))).toEqual([]);
  });
});

describe('docs/examples/plain-nats.mjs', () => {
  const example = 'docs/examples/plain-nats.mjs';
  const ask = (account: string, code: string) => {
    const { servers, nkeySeedFile } = world.platform.callerCredentials('acme', 'app');
    const NATS_URL = servers[0] as string;
    const variables = { NATS_URL, NATS_NKEY_SEED_FILE: nkeySeedFile, CALLER: 'app', ACCOUNT: account, CODE: code };
    return run(process.execPath, [example], variables);
  };

  test('prints the verdict of a right code, and of the same one again', async () => {
    const code = await codeOf('plain@acme.example');
    const first = await ask('plain@acme.example', code);
    expect({ status: first.status, verdict: JSON.parse(first.output) as unknown }).toMatchObject({
      status: 0,
      verdict: { verdict: 'accepted' },
    });
    const second = await ask('plain@acme.example', code);
    expect(JSON.parse(second.output)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
  });

  test('prints a failure and ends with 1', async () => {
    const { status, output } = await ask('plain@acme.example', '49 2039');
    expect({ status, failure: JSON.parse(output) as unknown }).toMatchObject({
      status: 1,
      failure: { code: 'INVALID_ARGUMENT', fields: [{ field: 'code' }] },
    });
  });

  test('has 20 lines at most and imports nothing of ours', () => {
    const text = readFileSync(join(root, example), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    expect(text).not.toContain('@countersign/');
  });
});

test('events hold what docs/events.md says, and nothing else', async () => {
  const device = await world.owner({ type: 'hotp' });
  const { account, id } = device;
  const [app, ops, audit] = await Promise.all([world.caller('app'), world.caller('ops'), world.caller('audit')]);
  const verify = (code: string, more: object = {}) => app.verify({ account, code, ...more });
  const code = device.code();
  const asked = { requestId: 'asked-twice', origin: 'a-cookie', device: id };
  await verify(code, asked);
  await verify(code, asked);
  await verify(code);
  for (let guess = 0; guess < 6; guess += 1) await verify(device.wrongCode());
  await ops.unlock({ account });
  await app.resync({ account, device: id, code: device.code(), nextCode: device.code() });
  await ops.setPolicy({ version: (await ops.policy({})).version, minDigits: 6 });
  await ops.disable({ account, device: id });
  await ops.enable({ account, device: id });
  await ops.revoke({ account, device: id });
  await ops.names({ account, add: ['another-name'] });
  const { request } = redeeming((await ops.issueActivation({ account, type: 'totp' })).invitation);
  await ops.redeemActivation(request);
  await expect(ops.redeemActivation(request)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await pair(await ops.pairOpen({ account, type: 'totp' }), ops, account);
  await recoverySheetOf(world, ops, account);
  const [first = ''] = (await recoverySheetOf(world, ops, account)).codes; // in the place of the one before
  await app.recover({ account, code: first, requestId: 'r', origin: 'a-cookie' });
  const offline = await sheetOf(world, ops, account);
  await app.verifySheet({ account, code: offline.codes[0] as string, requestId: 's', origin: 'a-cookie' });
  const issue = await issuerOf(world, 'app');
  const { challenge } = await issue({ account, purpose: 'payment', transaction: {}, verifiers: ['till'] });
  await app.verifyChallenge({ account, challenge, code: 'BCDF', requestId: 't', origin: 'a-cookie' });
  await app.cancelChallenge({ account, challenge });
  const another = await world.owner();
  const { request: begin, finish } = rekeyOf(another, world.publicKeys.identity);
  const next = finish(await ops.beginRekey(begin));
  await ops.confirmRekey({ id: next.accountId, device: next.id, epoch: 2, code: next.code() });
  await ops.erase({ account: another.account });
  await app.verify({ account: 'nobody-has-this-name', code: '123456' });

  const common = tableRows('docs/events.md', 'What every event has', 'field').map(([field]) => bare(field));
  const types = tableRows('docs/events.md', 'Types', 'type');
  const described = tableRows('docs/events.md', 'Types', 'field').map(([field]) => bare(field));
  const own = new Map(types.map(([type, , holds = '']) => [bare(type), quoted(holds)]));
  expect(
    types.flatMap(([, , holds]) => quoted(holds)).filter((field) => ![...common, ...described].includes(field)),
  ).toEqual([]);

  const seen = new Set<string>();
  for await (const event of audit.follow()) {
    seen.add(event.type);
    const allowed = [...common, ...(own.get(event.type) ?? [])];
    expect({ type: event.type, unknown: Object.keys(event).filter((field) => !allowed.includes(field)) }).toEqual({
      type: event.type,
      unknown: [],
    });
    if (event.type === 'nobody') break;
  }
  const unseen = [...own.keys()].filter((type) => !seen.has(type));
  expect(unseen).toEqual([...OF_DELIVERY, 'frozen']); // it takes a fork
});

test('the folders of docs/operations.md are those of a platform', () => {
  const paths = SNIPPETS.filter(({ language }) => language === 'text').flatMap(({ text }) =>
    text.split('\n').flatMap((line) => /^\.countersign\/(\S+)/.exec(line)?.[1] ?? []),
  );
  expect(paths.length).toBeGreaterThan(5);
  const { path } = world.platform.folder;
  const fetched = ['runtime/']; // the set-up's, beside the platform
  expect(paths.filter((each) => !fetched.includes(each) && !existsSync(join(path, each)))).toEqual([]);
});

describe('the tour in README.md', () => {
  const shown = SNIPPETS.filter(({ language }) => language === 'console');

  /** A line without what differs from run to run. */
  const steady = (line: string): string =>
    line
      .replace(/\b[0-9a-hjkmnp-tv-z]{20}\b/g, 'ACCOUNT')
      .replace(/\bada-[0-9a-z]{5}@/g, 'ada@')
      .replace(/\bdevice [0-9a-hjkmnp-tv-z]{12}\b/g, 'device ID')
      .replace(/\d{4}-\d\d-\d\d [\d:.]+Z/g, 'TIME')
      .replace(/\d+/g, 'N')
      .replace(/\s+/g, ' ')
      .trim();

  test('is what is seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-tour-'));
    try {
      const { status, output } = await run(process.execPath, [CLI, 'up', '--tour', '--once', '--state', folder]);
      expect(status).toBe(0);
      const seen = output.split('\n').map(steady);
      const lines = shown.flatMap(({ text }) => text.split('\n').map(steady)).filter((line) => line !== '');
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.filter((line) => !seen.includes(line))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
