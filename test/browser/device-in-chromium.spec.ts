import { pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { answerText } from '@countersign/device';
import { overCaller } from '@countersign/device/node';
import { readPhonePart } from '@countersign/pairing';
import { World } from '../world/world.js';
import { browse } from './browser.js';
import { serveModules } from './module-server.js';

const EACH_MS = 60_000;
const START_MS = 120_000;
const CALLERS = { app: 'verifier', desk: 'enroller', gate: 'gateway' } as const;

/** The device library as a web page loads it: the built modules, by an import map, in headless Chromium. */
describe('a device in a browser', () => {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
  let arrived: (text: string) => void = () => undefined;
  let server: Awaited<ReturnType<typeof serveModules>>;

  let world: World;
  const carried: string[] = [];

  beforeAll(async () => {
    world = await World.start({ tenants: [{ name: 'acme', callers: CALLERS }] });
    const gateway = overCaller(await world.caller('gate'));
    server = await serveModules(async (path, text) => {
      if (path === '/carry') {
        carried.push(text);
        return answerText(text, gateway);
      }
      if (path === '/result') arrived(text);
      return '';
    });
  }, START_MS);
  afterAll(async () => {
    await server.close();
    await world.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  /** Opens the page for one step in a browser of its own, which is killed as soon as the step is done. */
  async function step(name: string, given: Record<string, string> = {}): Promise<unknown> {
    const done = new Promise<string>((resolve) => (arrived = resolve));
    const query = new URLSearchParams({ step: name, ...given }).toString();
    return JSON.parse(await browse(`${server.origin}/?${query}`, profile, done)) as unknown;
  }

  // RFC 4226 appendix D and RFC 6238 appendix B
  test('keeps keys and shows codes, never one twice; a key is not written over, and its bytes are zeroed', async () => {
    expect(await step('keep')).toEqual({
      again: 'device hotp00000000 is kept here already',
      left: '00'.repeat(20),
      moment: '287082',
      counters: ['755224', '287082', '359152'].sort(),
    });
  });

  test('goes on where it was when the browser was killed, and after a re-key only with the new key', async () => {
    expect(await step('restarted')).toEqual({
      list: ['hotp00000000', 'totp00000000'],
      fourth: '969429',
      epochs: [1, 2, 2],
      codes: [expect.stringMatching(/^\d{6}$/), expect.stringMatching(/^\d{6}$/)],
      old: 'this key was replaced by another',
    });
  });

  test('has a key at rest that no script can read', async () => {
    const found = (await step('key')) as { plain: string };
    expect(found).toMatchObject({ extractable: false, exported: 'InvalidAccessError' });
    expect(found.plain).toBe('{"epoch":1,"key":{},"nextCounter":0}');
  });

  test(
    'pairs by PIN through a gateway, and signs in with its codes, also after a restart of the browser',
    async () => {
      const { name: account } = await world.account();
      const [desk, app] = await Promise.all([world.caller('desk'), world.caller('app')]);
      const { invitation, pin } = await desk.pairOpen({ account, type: 'hotp', algorithm: 'SHA256', digits: 8 });
      const wrong = String((Number(pin) + 1) % 1_000_000).padStart(6, '0');
      expect(await step('pair', { invitation, pin: wrong })).toEqual({ kind: 'refused', triesLeft: 2 });
      const paired = (await step('pair', { invitation, pin })) as { device: string };
      expect(paired).toMatchObject({ kind: 'paired', sessionBytes: 32, verdict: { verdict: 'accepted' } });
      const { code } = (await step('code', { device: paired.device })) as { code: string };
      expect(await app.verify({ account, code })).toMatchObject({ verdict: 'accepted', device: paired.device });
      expect(await app.verify({ account, code })).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
      expect(carried.join()).not.toContain(pin);
      expect(await step('pair', { invitation, pin })).toEqual({ error: expect.stringContaining('Failure') });
    },
    EACH_MS,
  );

  test(
    "runs the README's program",
    async () => {
      const { name: account } = await world.account();
      const [desk, app] = await Promise.all([world.caller('desk'), world.caller('app')]);
      const { invitation, pin } = await desk.pairOpen({ account, type: 'hotp' });
      const ran = (await step('readme', { invitation, pin })) as { code: string };
      expect(ran).toMatchObject({ verdict: 'accepted' });
      expect(await app.verify({ account, code: ran.code })).toMatchObject({ verdict: 'accepted' });
    },
    EACH_MS,
  );

  test(
    'gives itself a next key, and has the platform prove who it is',
    async () => {
      const { name: account } = await world.account();
      const [desk, app] = await Promise.all([world.caller('desk'), world.caller('app')]);
      const { invitation } = await desk.issueActivation({ account, type: 'hotp' });
      const { device } = (await step('activate', { invitation })) as { device: string };
      const rekeyed = await step('rekey', { device });
      expect(rekeyed).toMatchObject({ verdict: { verdict: 'accepted' }, epoch: 2, status: 'active' });
      const { code } = (await step('code', { device })) as { code: string };
      expect(await app.verify({ account, code })).toMatchObject({ verdict: 'accepted', device });
    },
    EACH_MS,
  );

  test(
    'redeems an invitation, once',
    async () => {
      const { name: account } = await world.account();
      const [desk, app] = await Promise.all([world.caller('desk'), world.caller('app')]);
      const { invitation } = await desk.issueActivation({ account, type: 'hotp' });
      const activated = (await step('activate', { invitation })) as { device: string };
      expect(activated).toMatchObject({ verdict: { verdict: 'accepted' } });
      const { code } = (await step('code', { device: activated.device })) as { code: string };
      expect(await app.verify({ account, code })).toMatchObject({ verdict: 'accepted' });
      expect(await step('activate', { invitation })).toEqual({ error: expect.stringContaining('Failure') });
    },
    EACH_MS,
  );

  test('is the phone of a two-step enrolment', async () => {
    const terms = '2step_salt=8&2step_output=20&2step_difficulty=10000';
    const uri = `otpauth://totp/kim?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&${terms}`;
    const { phonePart, key } = (await step('twoStep', { uri })) as { phonePart: string; key: string };
    const typed = readPhonePart(phonePart, 8);
    if (typed.kind === 'mistyped') throw new Error(typed.because);
    const password = Buffer.from('12345678901234567890').toString('hex');
    expect(key).toBe(pbkdf2Sync(password, typed.part.reveal(), 10_000, 20, 'sha1').toString('hex'));
  });
});
