import { expect, test } from '@jest/globals';
import type { Device } from '../world/device.js';
import { app, audit, count, desk, freshPhone, lenientApp, ops, told, toldInTurn, world } from './shared-world.js';

const AT_ONCE = 40;

async function acceptancesOf({ account }: Device): Promise<number> {
  const { events } = await audit.events({ account });
  return events.filter(({ type }) => type === 'accepted').length;
}

test('a used code is not accepted again within its time step, nor after the next one was used (CVE-2015-7225)', async () => {
  const phone = await world.owner({ type: 'totp' });
  const [first, second] = [phone.code(), phone.code()];
  expect(await toldInTurn(phone.account, [first, first, second, first, second])).toEqual([
    ...['accepted', 'replayed', 'accepted', 'replayed', 'replayed'],
  ]);
});

test('a used code is not accepted again when its time step has passed (CVE-2021-43177)', async () => {
  const phone = await freshPhone();
  const [trailing, present] = [phone.codeAt(phone.stepNow() - 1), phone.codeNow()];
  expect(await toldInTurn(phone.account, [trailing, trailing, present, trailing])).toEqual([
    ...['accepted', 'replayed', 'accepted', 'replayed'],
  ]);
});

test('a captured code opens nothing: from elsewhere, by another name, after a cache is lost (CVE-2021-45331)', async () => {
  const phone = await world.owner({ type: 'totp' });
  const { account, id: device } = phone;
  const alias = `${account}-too`;
  await ops.names({ account, add: [alias] });
  const code = phone.code();
  expect(await told(app.verify({ account, code, origin: 'home' }))).toBe('accepted');
  const again = [{ account }, { account: alias }, { account, device }, { account, origin: 'home' }];
  for (const question of [...again, { account, origin: 'elsewhere' }])
    expect(await told(app.verify({ ...question, code }))).toBe('replayed');
  await world.platform.askRedis(['FLUSHALL']);
  expect(await told(app.verify({ account, code }))).toBe('replayed');
});

test('one code many times at once is accepted once, by whichever verbs it comes (CVE-2026-20779)', async () => {
  const { name: account } = await world.account();
  const token = await world.enrol(account);
  const first = { account, code: token.code() };
  const inBothWays = await Promise.all(
    Array.from({ length: AT_ONCE / 2 }, () => [
      told(desk.confirm({ ...first, device: token.id })),
      told(app.verify(first)),
    ]).flat(),
  );
  expect(count(inBothWays, 'accepted')).toBe(1);
  const next = { account, code: token.code() };
  const atOnce = await Promise.all(Array.from({ length: AT_ONCE }, () => told(app.verify(next))));
  expect(count(atOnce, 'accepted')).toBe(1);
  expect(await acceptancesOf(token)).toBe(1);
});

test('a used code with blanks around it is not taken for another one (CVE-2025-6014)', async () => {
  const phone = await world.owner({ type: 'totp' });
  const code = phone.code();
  expect(await toldInTurn(phone.account, [code, ` ${code}`, `${code} `, `${code}  `, code])).toEqual([
    ...['accepted', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'replayed'],
  ]);
});

const WHITE = ['\t', '\n', '\r', '\v', '\f', '\0', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u3000'];
const UNSEEN = ['\u180e', '\u200b', '\u2060', '\ufeff'];
test('a code has one spelling: with any white space it costs nothing and uses up nothing (CVE-2025-55000)', async () => {
  const token = await world.owner();
  const code = token.code();
  const digitsFrom = (zero: number) => [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
  const spelled = [
    ...[...WHITE, ...UNSEEN].flatMap((blank) => [blank + code, code + blank, code.slice(0, 3) + blank + code.slice(3)]),
    ...[0x0660, 0x0966, 0xff10, 0x1d7ce].map(digitsFrom),
  ];
  const spellings = (): Promise<string[]> => toldInTurn(token.account, spelled);
  expect(new Set(await spellings())).toEqual(new Set(['INVALID_ARGUMENT']));
  expect(await toldInTurn(token.account, [code])).toEqual(['accepted']);
  expect(new Set(await spellings())).toEqual(new Set(['INVALID_ARGUMENT']));
  expect(await acceptancesOf(token)).toBe(1);
});

test('the code that confirmed a device does not sign in (Infisical 6112)', async () => {
  const { name: account } = await world.account();
  const phone = await world.enrol(account, { type: 'totp' });
  const code = phone.code();
  const requestId = 'from-one-form';
  expect(await told(desk.confirm({ account, device: phone.id, code, requestId }))).toBe('accepted');
  expect(await told(app.verify({ account, code }))).toBe('replayed');
  expect(await told(app.verify({ account, code, requestId }))).toBe('replayed');
  expect(await toldInTurn(account, [phone.code()])).toEqual(['accepted']);
});

const LONG_AGO = 41; // steps of 30 s: as far as LinOTP's window went back

test('old codes in a row bring back no old one, be they steps or counters (LinOTP 110)', async () => {
  const lenient = await lenientApp();
  const phone = await freshPhone(30, 'beta');
  const [step, used] = [phone.stepNow(), phone.codeNow()];
  const old = [phone.codeAt(step - LONG_AGO), phone.codeAt(step - LONG_AGO + 1)];
  const answers = await toldInTurn(phone.account, [used, ...old, used, phone.codeAt(step + 1)], lenient);
  expect(answers).toEqual(['accepted', 'wrong_code', 'wrong_code', 'replayed', 'accepted']);

  const token = await world.owner({}, 'beta');
  const codes = Array.from({ length: 8 }, () => token.code());
  await toldInTurn(token.account, codes, lenient);
  const [code = '', nextCode = ''] = codes;
  const again = await toldInTurn(token.account, [code, nextCode, ...codes.slice(-2)], lenient);
  expect(count(again, 'accepted')).toBe(0);
  const { account, id: device } = token;
  expect(await told(lenient.resync({ account, device, code, nextCode }))).toBe('wrong_code');
  expect(await toldInTurn(account, [token.code()], lenient)).toEqual(['accepted']);
});

test('a clock that is off by parts of a step opens no used step again (multiOTP 261)', async () => {
  const lenient = await lenientApp();
  for (const offSeconds of [-65, -45, -30, 30, 45, 65]) {
    const phone = await freshPhone(60, 'beta');
    phone.clockOffsetMs = offSeconds * 1000;
    const step = phone.stepNow();
    const shown = phone.codeAt(step);
    const answers = await toldInTurn(phone.account, [shown, shown, phone.codeAt(step - 1), shown], lenient);
    expect({ offSeconds, answers }).toEqual({
      offSeconds,
      answers: ['accepted', 'replayed', 'replayed', 'replayed'],
    });
    expect(await toldInTurn(phone.account, [phone.codeAt(step + 1)], lenient)).toEqual(['accepted']);
  }
});
