import { expect, test } from '@jest/globals';
import type { Verdict } from '@countersign/contracts';
import { connectCaller } from '@countersign/caller';
import { app, audit, count, desk, freshPhone, ops, told, toldInTurn, world } from './shared-world.js';

const FREE = 5; // wrong codes, before everybody has to wait
const AT_ONCE = 40;

const many = async (times: number, ask: (n: number) => Promise<Verdict>): Promise<string[]> =>
  Promise.all(Array.from({ length: times }, (_, n) => told(ask(n))));

/** Every other one that is asked is told `locked`, or nothing. */
function expectFiveAnswers(answers: string[]): void {
  expect(count(answers, 'wrong_code')).toBe(FREE);
  expect(['BUSY', 'UNAVAILABLE', 'locked', 'wrong_code']).toEqual(expect.arrayContaining([...new Set(answers)]));
}

test('guesses in parallel are answered no more often than one after the other (CVE-2023-47111)', async () => {
  const token = await world.owner();
  const guess = { account: token.account, code: token.wrongCode() };
  expectFiveAnswers(await many(AT_ONCE, () => app.verify(guess)));
  expect(await toldInTurn(token.account, [token.code()])).toEqual(['locked']);
});

test('guesses from many sessions at once share one budget, and the owner can learn of it (AuthQuake)', async () => {
  const phone = await world.owner({ type: 'totp' });
  const guess = { account: phone.account, code: phone.wrongCode() };
  const credentials = world.credentials('app');
  const sessions = await Promise.all(Array.from({ length: 3 }, () => connectCaller(credentials)));
  const asked = await many(AT_ONCE, (n) =>
    sessions[n % sessions.length]!.verify({ ...guess, ...(n % 2 !== 0 && { origin: `session-${n}` }) }),
  );
  await Promise.all(sessions.map((session) => session.close()));
  expectFiveAnswers(asked);
  const { events } = await audit.events({ account: phone.account });
  expect(events.filter((event) => 'closed' in event)).toMatchObject([
    { type: 'rejected', closed: { budget: 'unknown', until: expect.any(Number) } },
  ]);
});

test('guesses have one time step more to hit a code in, not three minutes (AuthQuake)', async () => {
  const phone = await freshPhone(30);
  const step = phone.stepNow();
  const ago = (steps: number): string => phone.codeAt(step - steps);
  expect(await toldInTurn(phone.account, [ago(6), ago(3), ago(2), ago(1)])).toEqual([
    ...['wrong_code', 'wrong_code', 'wrong_code', 'accepted'],
  ]);
});

test('guesses pay from the same budget whichever verb asks, and however they are written (CVE-2025-6015)', async () => {
  const token = await world.owner();
  const pending = await world.enrol(token.account);
  const { account, id: device } = token;
  const code = token.wrongCode();
  const ways = [
    () => app.verify({ account, code }),
    () => app.resync({ account, device, code, nextCode: code }),
    () => desk.confirm({ account, device: pending.id, code: pending.wrongCode() }),
    () => app.verify({ account, code, device, origin: 'elsewhere' }),
    () => app.verify({ account, code: ` ${code}` }),
  ];
  const answers: string[] = [];
  for (let round = 0; round < 3; round += 1) for (const ask of ways) answers.push(await told(ask()));
  expectFiveAnswers(answers.filter((answer) => answer !== 'INVALID_ARGUMENT'));
  expect(count(answers, 'INVALID_ARGUMENT')).toBe(3);
  expect(await told(app.resync({ account, device, code: token.code(), nextCode: token.code() }))).toBe('locked');
  expect(await told(desk.confirm({ account, device: pending.id, code: pending.code() }))).toBe('locked');
});

test('guesses stay counted when all replicas die and the cache is lost (CVE-2026-35597)', async () => {
  const token = await world.owner();
  const wrong = Array<string>(FREE).fill(token.wrongCode());
  expect(await toldInTurn(token.account, wrong)).toEqual(wrong.map(() => 'wrong_code'));
  const dead = await world.fault('service-killed:verification');
  await world.platform.askRedis(['FLUSHALL']);
  await dead.undo();
  expect(await toldInTurn(token.account, [token.code()])).toEqual(['locked']);
  const { events } = await audit.events({ account: token.account });
  expect(events.filter(({ type }) => type === 'rejected')).toHaveLength(FREE);
});

test('guesses gain nothing by spelling a name in other ways (CVE-2025-6004)', async () => {
  const token = await world.owner();
  const name = token.account;
  const fullWidth = [...name].map((letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)).join('');
  const spelled = [name, name.toUpperCase(), fullWidth, fullWidth.toUpperCase(), name.replace('p', 'P')];
  const code = token.wrongCode();
  expectFiveAnswers(await many(AT_ONCE, (n) => app.verify({ account: spelled[n % spelled.length]!, code })));
  const right = token.code();
  for (const account of spelled) expect(await told(app.verify({ account, code: right }))).toBe('locked');
  for (const account of [` ${name}`, `${name} `])
    expect(await told(app.verify({ account, code: right }))).not.toBe('accepted');
});

test('guesses gain nothing by using all names of an account (CVE-2025-24806)', async () => {
  const token = await world.owner();
  const names = [token.account, `${token.account}@acme.example`, `${token.account}-too`];
  await ops.names({ account: token.account, add: names.slice(1) });
  const code = token.wrongCode();
  expectFiveAnswers(await many(AT_ONCE, (n) => app.verify({ account: names[n % names.length]!, code })));
  const right = token.code();
  for (const account of names) expect(await told(app.verify({ account, code: right }))).toBe('locked');
});

test('a guess is in the ledger however long what was sent with it; what is too long is not judged (privacyIDEA 5852)', async () => {
  const { name: account } = await world.account('漢'.repeat(256));
  const token = await world.enrol(account);
  await desk.confirm({ account, device: token.id, code: token.code() });
  const long = { account, requestId: 'r'.repeat(64), origin: 'o'.repeat(128) };
  expect(await told(app.verify({ ...long, code: token.wrongCode() }))).toBe('wrong_code');
  const code = token.code();
  for (const [field, text] of Object.entries(long))
    expect(await told(app.verify({ ...long, code, [field]: `${text}x` }))).toBe('INVALID_ARGUMENT');
  expect(await told(app.verify({ ...long, code }))).toBe('accepted');
  const { events } = await audit.events({ account });
  expect(events.slice(-2)).toMatchObject([
    { type: 'rejected', by: 'app', origin: expect.any(String) },
    { type: 'accepted', by: 'app', device: token.id },
  ]);
});
