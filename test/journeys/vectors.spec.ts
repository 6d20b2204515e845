import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { Algorithm } from '@countersign/contracts';
import { readServers } from '@countersign/local';
import { buildOtpauth, encodeBase32 } from '@countersign/oath';
import { Secret } from '@countersign/runtime';
import { vectors } from '../world/vectors.js';
import { World } from '../world/world.js';

interface Hotp {
  secret_hex: string;
  vectors: { counter: number; otp6: string }[];
}
interface Totp {
  secrets_hex: Record<Lowercase<Algorithm>, string>;
  vectors: { unix_time: number; algorithm: Lowercase<Algorithm>; otp8: string }[];
}

const STEP_SECONDS = 30;
const INTO_STEP_SECONDS = 5; // away from a step's edges

/** An independent implementation of RFC 4226 and RFC 6238. */
function oathtool(args: string[]): string[] {
  const { oathtool: program, libraryPath } = readServers();
  if (program === undefined) throw new Error('the set-up for tests brings oathtool');
  const env = { ...process.env, ...(libraryPath && { LD_LIBRARY_PATH: libraryPath }) };
  return execFileSync(program, args, { encoding: 'utf8', env }).trim().split('\n');
}

describe('the whole platform, the HSM included, agrees with', () => {
  let world: World;
  let app: Countersign;

  beforeAll(async () => {
    world = await World.start();
    app = await world.caller('app');
  });
  afterAll(() => world.stop());

  const rfc4226 = vectors<Hotp>('rfc4226-hotp.json');

  test('RFC 4226 appendix D, counter by counter', async () => {
    const { name } = await world.account();
    await world.importSeed(name, Buffer.from(rfc4226.secret_hex, 'hex'), { type: 'hotp' });
    for (const { otp6: code } of rfc4226.vectors)
      expect(await app.verify({ account: name, code })).toMatchObject({ verdict: 'accepted' });
  });

  test('oathtool, up to the last counter of the look-ahead and not one further', async () => {
    const { name } = await world.account();
    const device = await world.importSeed(name, Buffer.from(rfc4226.secret_hex, 'hex'), { type: 'hotp', counter: 7 });
    const codes = oathtool(['--hotp', '--counter=7', '--window=10', rfc4226.secret_hex]);
    const ask = async (ahead: number) => app.verify({ account: device.account, code: codes[ahead] as string });
    expect(await ask(10)).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
    expect(await ask(9)).toMatchObject({ verdict: 'accepted' });
    expect(await ask(8)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
  });

  test('oathtool, that two counters of a token have one code: it is accepted for one, not again for the one ahead', async () => {
    const [key, first, second] = ['9094d4d59309bf3790e9c676e84d9b4023325ea5', 4, 10]; // drawn until two were the same
    const [used = '', ...next] = oathtool(['--hotp', `--counter=${first}`, `--window=${second - first}`, key]);
    expect(next.indexOf(used)).toBe(second - first - 1);
    const { name } = await world.account();
    await world.importSeed(name, Buffer.from(key, 'hex'), { type: 'hotp', counter: first });
    const ask = (code: string) => app.verify({ account: name, code });
    expect(await ask(used)).toMatchObject({ verdict: 'accepted' });
    expect(await ask(used)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    for (const code of next.slice(0, 2)) {
      expect(await ask(code)).toMatchObject({ verdict: 'accepted' });
      expect(await ask(used)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    }
    for (const code of next.slice(2)) expect(await ask(code)).toMatchObject({ verdict: 'accepted' });
  });

  const rfc6238 = vectors<Totp>('rfc6238-totp.json');

  test.each(rfc6238.vectors)(
    'RFC 6238 appendix B: $algorithm at $unix_time',
    async ({ unix_time, algorithm, otp8 }) => {
      const { name } = await world.account();
      const step = Math.floor(unix_time / STEP_SECONDS);
      const t0Seconds = Math.floor(Date.now() / 1000) - step * STEP_SECONDS - INTO_STEP_SECONDS;
      const device = await world.importSeed(name, Buffer.from(rfc6238.secrets_hex[algorithm], 'hex'), {
        type: 'totp',
        algorithm: algorithm.toUpperCase() as Algorithm,
        digits: 8,
        stepSeconds: STEP_SECONDS,
        t0Seconds,
      });
      expect(device.codeAt(step)).toBe(otp8);
      const late = step >= 2 ? [step + 2, step - 2] : [step + 2];
      for (const outside of late)
        expect(await app.verify({ account: name, code: device.codeAt(outside) })).toMatchObject({
          reason: 'wrong_code',
        });
      expect(await app.verify({ account: name, code: otp8 })).toMatchObject({ verdict: 'accepted' });
      expect(await app.verify({ account: name, code: otp8 })).toMatchObject({ reason: 'replayed' });
    },
  );

  test('an authenticator app that has the otpauth URI (oathtool)', async () => {
    const { name } = await world.account();
    const t0Seconds = 0;
    const device = await world.enrol(name, { type: 'totp', stepSeconds: STEP_SECONDS, t0Seconds });
    const uri = buildOtpauth({
      type: 'totp',
      issuer: 'Acme',
      account: name,
      secret: new Secret(device.key),
      algorithm: 'SHA1',
      digits: 6,
      stepSeconds: STEP_SECONDS,
    });
    const secret = new URL(uri).searchParams.get('secret') as string;
    expect(secret).toBe(encodeBase32(new Secret(device.key)));
    const desk = await world.caller('desk');
    const [first = '', next = ''] = oathtool(['--totp', '--base32', '--window=1', secret]);
    expect(await desk.confirm({ account: name, device: device.id, code: first })).toMatchObject({
      verdict: 'accepted',
    });
    expect(await app.verify({ account: name, code: next })).toMatchObject({ verdict: 'accepted' });
  });
});
