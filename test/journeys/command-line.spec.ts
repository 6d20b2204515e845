import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readServers } from '@countersign/local';
import { World } from '../world/world.js';

const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const TOUR_MS = 120_000;

interface Ended {
  status: number | null;
  out: string;
  error: string;
}

function run(command: string, args: string[], input = '', env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env });
    const ended = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (ended.error += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...ended }));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
  });
}

const countersign = (args: string[], input?: string): Promise<Ended> =>
  run(process.execPath, ['--no-warnings', COUNTERSIGN, ...args], input);

test(
  'the tour on a platform made from nothing is as expected, and leaves nothing running',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-tour-'));
    const { status, out, error } = await countersign(['up', '--tour', '--once', '--state', folder]);
    expect({ status, error }).toEqual({ status: 0, error: '' });
    for (const word of ['accepted', 'replayed', 'rejected', 'refused']) expect(out).toMatch(new RegExp(`✔ ${word}`));
    expect(out).not.toContain('✘');
    expect(existsSync(join(folder, 'up.lock'))).toBe(false);
    expect(existsSync(join(folder, 'children.json'))).toBe(false);
    const later = await countersign(['status', '--state', folder]);
    expect(later.status).toBe(4);
    rmSync(folder, { recursive: true, force: true });
  },
  TOUR_MS,
);

describe('at a terminal beside a running platform', () => {
  let world: World;
  let state: string[];

  beforeAll(async () => {
    world = await World.start({ replicas: { delivery: 1 } });
    state = ['--state', world.platform.folder.path];
  }, TOUR_MS);
  afterAll(() => world.stop());

  const asked = (command: string, input?: string): Promise<Ended> =>
    countersign([...command.split(' '), ...state], input);
  const answered = async <T>(command: string, input?: string): Promise<T> => {
    const { status, out, error } = await asked(`${command} --json`, input);
    if (status !== 0) throw new Error(`countersign ${command} ended with ${status}: ${out}${error}`);
    return JSON.parse(out) as T;
  };

  /** A command that goes on: its lines one after the other, and what is typed at it. */
  const started = (command: string, where = state) => {
    const child = spawn(process.execPath, ['--no-warnings', COUNTERSIGN, ...command.split(' '), ...where]);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return {
      line: async () => String((await lines.next()).value),
      type: (line: string) => child.stdin.write(`${line}\n`),
      end: () => child.stdin.end(),
      status: new Promise<number | null>((resolve) => child.once('close', resolve)),
    };
  };

  test('a device is enrolled, shows its code, and the code opens the account once', async () => {
    const enrolled = await answered<{ device: string; active: boolean }>('enroll ada@acme.example --type hotp');
    expect(enrolled.active).toBe(true);
    const shown = await asked('code ada@acme.example');
    expect(shown.out).toMatch(/^\d{6}\n$/);
    const first = await asked('verify ada@acme.example', shown.out);
    expect(first.out).toContain(`accepted: device ${enrolled.device}`);
    expect(first.status).toBe(0);
    const again = await asked('verify ada@acme.example', shown.out);
    expect(again.out).toContain('rejected: replayed');
    expect(again.status).toBe(3);
    const events = (await asked('events --account ada@acme.example --json')).out.trim().split('\n');
    const types = events.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['created', 'enrolled', 'confirmed', 'accepted', 'replayed']);
  });

  test('an authenticator app gets an otpauth URI, and the code that oathtool makes of it confirms the device', async () => {
    const { device, uri } = await answered<{ device: string; uri: string }>('enroll eve@acme.example --app');
    const { oathtool, libraryPath } = readServers();
    const seed = new URL(uri).searchParams.get('secret') as string;
    const environment = { ...process.env, LD_LIBRARY_PATH: libraryPath };
    const code = await run(oathtool as string, ['--totp', '--base32', '-'], `${seed}\n`, environment);
    const verdict = await answered<{ verdict: string }>(`device confirm eve@acme.example ${device} ${code.out.trim()}`);
    expect(verdict.verdict).toBe('accepted');
  });

  test('in two steps the phone adds its part, a typing error costs nothing, and the first code confirms', async () => {
    const desk = started(`enroll kim@acme.example --method two-step --type hotp --json`);
    const { uri } = JSON.parse(await desk.line()) as { uri: string };
    const { phonePart } = await answered<{ phonePart: string }>('device two-step', `${uri}\n`);
    desk.type(phonePart.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')));
    desk.type(phonePart.toLowerCase().replaceAll(' ', ''));
    const { device, status } = JSON.parse(await desk.line()) as { device: string; status: string };
    expect(status).toBe('pending');
    expect(await desk.status).toBe(0);
    const shown = await asked('code kim@acme.example');
    expect((await asked(`device confirm kim@acme.example ${device}`, shown.out)).status).toBe(0);
  });

  interface Opened {
    invitation: string;
    pin: string;
  }

  test('a device pairs by PIN, after a wrong one, and its codes open the account', async () => {
    const { invitation, pin } = await answered<Opened>('enroll lin@acme.example --method pin --type hotp');
    expect(invitation).not.toContain(pin);
    const wrong = await asked(
      `device pair ${invitation}`,
      `${pin.replace(/.$/, (last) => String((Number(last) + 1) % 10))}\n`,
    );
    expect(wrong).toMatchObject({ status: 1, out: expect.stringContaining('2 tries left') });
    const paired = await answered<{ active: boolean }>(`device pair ${invitation} --as lin@acme.example`, `${pin}\n`);
    expect(paired.active).toBe(true);
    const shown = await asked('code lin@acme.example');
    expect((await asked('verify lin@acme.example', shown.out)).status).toBe(0);
    const again = await asked(`device pair ${invitation}`, `${pin}\n`);
    expect(again).toMatchObject({ status: 1, error: expect.stringMatching(/^countersign: /) });
  });

  test('an invitation activates one device, from standard input only', async () => {
    const { invitation } = await answered<Opened>('enroll kai@acme.example --method activation --type hotp');
    const activated = await answered<{ active: boolean }>('device activate --as kai@acme.example', `${invitation}\n`);
    expect(activated.active).toBe(true);
    const shown = await asked('code kai@acme.example');
    expect((await asked('verify kai@acme.example', shown.out)).status).toBe(0);
    expect((await asked('device activate', `${invitation}\n`)).status).toBe(1);
    expect((await asked(`device activate ${invitation}`)).status).toBe(2);
  });

  test('a device without a bus pairs by lines that somebody carries', async () => {
    const { invitation, pin } = await answered<Opened>('enroll pat@acme.example --method pin --type hotp');
    const elsewhere = mkdtempSync(join(tmpdir(), 'countersign-by-hand-'));
    const device = started(`device pair ${invitation} --by-hand --as pat --json`, ['--state', elsewhere]);
    const desk = started('device carry');
    device.type(pin);
    for (const verb of ['pair.share', 'pair.confirm', 'device.confirm']) {
      const question = await device.line();
      expect(question).toContain(verb);
      desk.type(question);
      device.type(await desk.line());
    }
    expect(JSON.parse(await device.line())).toMatchObject({ active: true });
    expect(await device.status).toBe(0);
    desk.end();
    expect(await desk.status).toBe(0);
    const shown = await countersign(['code', 'pat', '--state', elsewhere]);
    expect((await asked('verify pat@acme.example', shown.out)).status).toBe(0);
    rmSync(elsewhere, { recursive: true });
  });

  test('a seed is taken in from standard input, and from nowhere in the command line', async () => {
    await answered('account create bob@acme.example');
    // RFC 4226 appendix D: "12345678901234567890"; counter 0 shows 755224
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const imported = await answered<{ status: string }>(
      'device import bob@acme.example --type hotp --activate',
      `${seed}\n`,
    );
    expect(imported.status).toBe('active');
    expect((await asked('verify bob@acme.example 755224')).status).toBe(0);
    const refused = await asked('device import bob@acme.example --type hotp', 'not base 32!\n');
    expect(refused).toMatchObject({
      status: 2,
      error: 'countersign: the seed cannot be used: not base32 (RFC 4648 section 6)\n',
    });
  });

  test('an operator disables, enables and revokes, and looks', async () => {
    const { device } = await answered<{ device: string }>('enroll max@acme.example --type hotp');
    for (const [change, status] of [
      ['disable', 'disabled'],
      ['enable', 'active'],
      ['revoke', 'revoked'],
    ] as const)
      expect(await answered(`device ${change} max@acme.example ${device}`)).toMatchObject({ device, status });
    const list = await asked('device list max@acme.example');
    expect(list.out).toMatch(new RegExp(`^${device} +revoked +hotp`, 'm'));
    expect((await asked('account show max@acme.example')).out).toMatch(/^account [0-9a-z]{20}/);
    expect((await asked('account unlock max@acme.example')).out).toContain('unlocked');
  });

  test('status names who answers', async () => {
    const { services } = await answered<{ services: { name: string }[] }>('status');
    expect(services.map(({ name }) => name)).toEqual([
      'audit',
      'delivery',
      'enrollment',
      'key-derivation',
      'verification',
    ]);
  });

  test.each([
    ['verify ada@acme.example 12345', 2, 'code: 6 to 10 ASCII digits'],
    ['account show nobody@acme.example', 1, 'no such account'],
    ['account create ada@acme.example --caller app', 1, 'does not let this identity publish'],
    ['verify ada@acme.example 123456 --tenant gamma', 1, 'there are acme, beta'],
    ['up', 1, 'runs already'],
    ['code nobody@acme.example', 2, 'countersign enroll nobody@acme.example'],
    ['verify', 2, "missing required argument 'account'"],
  ])('countersign %s ends with %i and says why', async (command, status, why) => {
    const ended = await asked(command);
    expect(ended.status).toBe(status);
    expect(ended.error).toContain(why);
  });

  test('no secret is in a log', () => {
    const { folder } = world.platform;
    const secrets = [
      ...(['directory-index.key', 'directory-names.key', 'verification.key'] as const).map((name) =>
        folder.secret(name),
      ),
      ...(['redis-verification.password', 'redis-admin.password'] as const).map((name) => folder.secret(name)),
      ...[folder.hsmPin(), folder.credential('setup'), folder.credential('verification')],
    ].map((path) => readFileSync(path));
    for (const { name } of world.platform.processes) {
      const log = readFileSync(folder.log(name));
      for (const secret of secrets)
        for (const form of [secret, secret.toString('hex'), secret.toString('base64url')])
          expect(log.includes(form)).toBe(false);
    }
  });
});
