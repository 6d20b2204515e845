import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  AccountNamesRequest,
  AccountRequest,
  BeginImportRequest,
  CheckRequest,
  ConfirmPairingRequest,
  ConfirmRequest,
  CreateAccountRequest,
  DeviceRequest,
  EventsRequest,
  ExchangeRequest,
  Failure,
  ImportKeyQuery,
  ImportKeyRequest,
  ImportBatchRequest,
  ImportRequest,
  IssueActivationRequest,
  IssueRecoveryRequest,
  RedeemActivationRequest,
  MatchRequest,
  OpenPairingRequest,
  ProvisionRequest,
  RecoverRequest,
  SharePairingRequest,
  IssueRequest,
  IssueSheetRequest,
  MakeSheetRequest,
  VerifySheetRequest,
  RedeemRequest,
  SignRequest,
  UnlockRequest,
  VerifyRequest,
  parseMessage,
  plainSheetCode,
} from './index.js';

type Type = new () => object;
type Json = Record<string, unknown>;

const DEVICE = '0123456789ab';
const ACCOUNT = '0123456789abcdefghjk';
const POINT = Buffer.alloc(65, 4).toString('base64url');
const WRAPPED = Buffer.alloc(32, 7).toString('base64url');
const PROFILE = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 };
const TOKEN = Buffer.alloc(16, 9).toString('base64url');
const SESSION = '0123456789abcdef';
const RECEIPT = Buffer.alloc(32).toString('base64url');
const LABEL = { tenant: 'acme', account: ACCOUNT, device: DEVICE, epoch: 1 };
const ITEM = {
  ...LABEL,
  ...{ reference: 'opaque', algorithm: 'SHA1', digits: 6, from: 0, count: 6, spent: 2, floor: 3, code: '123456' },
};
const CHALLENGE = {
  ...{ tenant: 'acme', account: ACCOUNT, challenge: SESSION, purpose: 'payment', context: RECEIPT },
  ...{ nonce: TOKEN, form: { kind: 'digits', length: 6 } },
};

/** A lawful message of each kind, whole. */
const lawful: [string, Type, Json][] = [
  ['verify', VerifyRequest, { account: 'ada', code: '123456', requestId: 'r1', origin: 'o1', device: DEVICE }],
  [
    'device.confirm',
    ConfirmRequest,
    { account: 'ada', id: ACCOUNT, device: DEVICE, code: '12345678', requestId: 'r', origin: 'o' },
  ],
  ['account.unlock', UnlockRequest, { account: 'ada' }],
  ['account.create', CreateAccountRequest, { names: ['ada', 'ada@example.com'] }],
  ['account.get', AccountRequest, { account: 'ada' }],
  ['account.names', AccountNamesRequest, { account: 'ada', add: ['countess'], remove: ['ada'] }],
  ['enroll.exchange', ExchangeRequest, { account: 'ada', ...PROFILE, point: POINT, namedOnly: true }],
  ['activation.issue', IssueActivationRequest, { account: 'ada', ...PROFILE, namedOnly: true }],
  ['activation.redeem', RedeemActivationRequest, { id: ACCOUNT, token: TOKEN, point: POINT }],
  ['recover', RecoverRequest, { account: 'ada', code: '0123a-bcdef', requestId: 'r1', origin: 'o1' }],
  ['recovery.issue', IssueRecoveryRequest, { account: 'ada', point: POINT }],
  ['pair.open', OpenPairingRequest, { account: 'ada', ...PROFILE, namedOnly: true }],
  ['pair.share', SharePairingRequest, { id: ACCOUNT, session: SESSION, share: POINT, point: POINT }],
  ['pair.confirm', ConfirmPairingRequest, { id: ACCOUNT, session: SESSION, confirm: WRAPPED }],
  ['device.disable', DeviceRequest, { account: 'ada', device: DEVICE }],
  [
    'device.import',
    ImportRequest,
    { account: 'ada', ...PROFILE, device: DEVICE, point: POINT, wrapped: WRAPPED, activate: true, namedOnly: false },
  ],
  ['device.import.key', ImportKeyQuery, {}],
  ['device.import.begin', BeginImportRequest, { devices: [{ account: 'ada', device: DEVICE }] }],
  [
    'device.import.batch',
    ImportBatchRequest,
    {
      point: POINT,
      devices: [{ id: ACCOUNT, device: DEVICE, epoch: 1, ...PROFILE, wrapped: WRAPPED }],
      activate: true,
      namedOnly: false,
    },
  ],
  ['audit.events', EventsRequest, { account: 'ada', after: 1, since: 0, until: 9, limit: 200, waitMs: 20_000 }],
  ['keys.match', MatchRequest, { items: [ITEM, ITEM] }],
  ['keys.provision', ProvisionRequest, { ...LABEL, profile: PROFILE, point: POINT }],
  ['keys.import', ImportKeyRequest, { point: POINT, seeds: [{ ...LABEL, profile: PROFILE, wrapped: WRAPPED }] }],
  ['keys.sign', SignRequest, { size: 7, root: Buffer.alloc(32).toString('base64url') }],
  [
    'keys.check',
    CheckRequest,
    {
      receipts: [{ ...LABEL, counter: 1, receipt: RECEIPT }],
      challenges: [{ tenant: 'acme', account: ACCOUNT, challenge: SESSION, receipt: RECEIPT }],
    },
  ],
  ['keys.issue', IssueRequest, { ...CHALLENGE, recipient: 'acme/app' }],
  [
    'keys.sheet',
    MakeSheetRequest,
    { tenant: 'acme', account: ACCOUNT, device: DEVICE, codes: 20, recipient: 'acme/app' },
  ],
  ['sheet.issue', IssueSheetRequest, { account: 'ada', count: 20, days: 30, recipient: 'app' }],
  [
    'sheet.verify',
    VerifySheetRequest,
    { account: 'ada', code: 'ryfmf-6nw7h', device: DEVICE, requestId: 'r', origin: 'o' },
  ],
  ['keys.redeem', RedeemRequest, { ...CHALLENGE, code: '123456' }],
];

/** The only fields that may be left out. */
const optional: Record<string, string[]> = {
  verify: ['requestId', 'origin', 'device'],
  'device.confirm': ['account', 'id', 'requestId', 'origin'],
  'account.names': ['add', 'remove'],
  'enroll.exchange': ['algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter', 'namedOnly'],
  'activation.issue': ['algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter', 'namedOnly'],
  recover: ['requestId', 'origin'],
  'pair.open': ['algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter', 'namedOnly'],
  'device.import': ['algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter', 'activate', 'namedOnly'],
  'device.import.batch': ['activate', 'namedOnly'],
  'keys.check': ['receipts', 'challenges'],
  'keys.issue': ['purpose'],
  'keys.redeem': ['purpose'],
  'sheet.issue': ['recipient'],
  'sheet.verify': ['device', 'requestId', 'origin'],
  'audit.events': ['account', 'after', 'since', 'until', 'limit', 'waitMs'],
};

/** As it arrives: through JSON, where `__proto__` is a field like any other. */
const arrived = (value: unknown): unknown => JSON.parse(typeof value === 'string' ? value : JSON.stringify(value));

function refusal(type: Type, value: unknown): Failure {
  try {
    parseMessage(type, arrived(value));
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).code).toBe('INVALID_ARGUMENT');
    return error as Failure;
  }
  throw new Error(`was let through: ${JSON.stringify(value).slice(0, 200)}`);
}
const wrongFields = (type: Type, value: unknown): string[] =>
  (refusal(type, value).fields ?? []).map(({ field }) => field);

/** No field of any message takes any of these. */
const garbage: unknown[] = [
  null,
  [],
  {},
  [[]],
  [null],
  { length: 6 },
  { toString: 1 },
  -2e11,
  1.5,
  1e300,
  '',
  '\u0000',
];

describe.each(lawful)('%s', (verb, type, message) => {
  const fields = Object.keys(message);

  test('lawful, is read as it was sent', () => {
    const read = parseMessage(type, arrived(message));
    expect(read).toBeInstanceOf(type);
    expect(JSON.parse(JSON.stringify(read))).toEqual(message);
  });

  test('may leave out what is optional and nothing else', () => {
    for (const field of fields) {
      const { [field]: _left, ...rest } = message;
      if (optional[verb]?.includes(field)) expect(parseMessage(type, rest)).toBeInstanceOf(type);
      else expect(wrongFields(type, rest)).toEqual([field]);
    }
  });

  test('takes garbage in no field, and names the field', () => {
    for (const field of fields)
      for (const value of garbage)
        expect(wrongFields(type, { ...message, [field]: value }).map((path) => path.split('.')[0])).toContain(field);
  });

  test.each(['extra', '', 'constructor', 'toString', 'hasOwnProperty', 'code ', 'Account', '0'])(
    'has no field %j',
    (name) => {
      expect(wrongFields(type, { ...message, [name]: 1 })).toEqual([name.replace(' ', '?')]);
    },
  );

  test('has no field __proto__, and nobody gets one', () => {
    const text = JSON.stringify(message).replace(/\}$/, `${fields.length ? ',' : ''}"__proto__":{"code":"000000"}}`);
    expect(wrongFields(type, text)).toEqual(['__proto__']);
    expect(({} as Json).code).toBeUndefined();
  });

  test.each(['null', '1', '"verify"', 'true', '[]', '[{}]'])('is an object, not %s', (text) => {
    expect(refusal(type, text).message).toBe('the message should be a JSON object');
  });
});

describe('codes are exactly their ASCII digits', () => {
  const ask = (code: unknown) => ({ account: 'ada', code });
  test.each(['123456', '000000', '12345678', '1234567890'])('%j', (code) => {
    expect(parseMessage(VerifyRequest, ask(code))).toMatchObject({ code });
  });

  test.each([
    ...['', '12345', '12345678901', ' 123456', '123456 ', '123 456', '123456\n', '\n123456', '123456\u0000', '-12345'],
    ...[
      '1２3456',
      '１２３４５６',
      '١٢٣٤٥٦',
      '۱۲۳۴۵۶',
      '१२३४५६',
      '𝟏𝟐𝟑𝟒𝟓𝟔',
      '①②③④⑤⑥',
      '12345a',
      '0x1234',
      '1e5000',
      '+12345',
    ],
    ...['123456\u200b', '\ufeff123456', '123456\u0301', 123456, 123456.0, ['123456'], { code: '123456' }, true, null],
  ])('not %j', (code) => {
    expect(wrongFields(VerifyRequest, ask(code))).toEqual(['code']);
  });

  test('what was typed is not repeated in the refusal', () => {
    expect(JSON.stringify(refusal(VerifyRequest, ask('98765432109')).body())).not.toContain('98765');
  });
});

describe('names of accounts', () => {
  const ask = (account: unknown) => ({ account });
  const family = '👨‍👩‍👧';
  test.each([
    'a',
    'Ada@Example.com',
    'Zoë',
    'ﬁ',
    '用户',
    family,
    'a b',
    'x'.repeat(256),
    '🔑'.repeat(256),
    '__proto__',
  ])('%j', (account) => {
    expect(parseMessage(AccountRequest, ask(account))).toMatchObject({ account });
  });

  test.each([
    ...['', 'x'.repeat(257), 'a\u0000b', 'a\nb', 'a\tb', '\u001b[31m', 'a\u007f', 'a\u0085b', 'a\r\n'],
    ...['\ud800', 'a\udc00b', '\udc00\ud800', 7, null, ['ada'], { name: 'ada' }, false],
  ])('not %j', (account) => {
    expect(wrongFields(AccountRequest, ask(account))).toEqual(['account']);
  });

  test.each([
    ['none', []],
    ['nine', Array.from({ length: 9 }, (_, n) => `n${n}`)],
    ['the same twice', ['ada', 'ada']],
    ['a wrong one among right ones', ['ada', 'a\u0000']],
    ['a number', ['ada', 7]],
    ['a list in the list', [['ada']]],
    ['an object that looks like a list', { 0: 'ada', length: 1 }],
  ])('a new account under %s is refused', (_what, names) => {
    expect(wrongFields(CreateAccountRequest, { names })).toEqual(['names']);
  });
});

describe('numbers', () => {
  const page = (limit: unknown) => ({ limit });
  test.each([0, 201, -1, 1.5, '10', null, true, [10], 9007199254740993])('a page of %j is refused', (limit) => {
    expect(wrongFields(EventsRequest, page(limit))).toEqual(['limit']);
  });

  test.each(['NaN', 'Infinity', '1e999'])('%s is no number of JSON that fits', (text) => {
    const value = { limit: Number(text) };
    expect(() => parseMessage(EventsRequest, value)).toThrow(Failure);
  });

  test.each([
    ['digits', 5],
    ['digits', 9],
    ['stepSeconds', 9],
    ['stepSeconds', 301],
    ['t0Seconds', -100_000_000_001],
    ['t0Seconds', 4_102_444_801],
    ['counter', 2 ** 53 - 1023], // room is left for a look-ahead
    ['type', 'TOTP'],
    ['type', 'OCRA'],
    ['algorithm', 'MD5'],
    ['algorithm', 'sha1'],
  ])('a profile with %s %j is refused', (field, value) => {
    const message = { account: 'ada', ...PROFILE, point: POINT };
    expect(wrongFields(ExchangeRequest, { ...message, [field]: value })).toEqual([field]);
    const nested = { ...LABEL, profile: { ...PROFILE, [field]: value }, point: POINT };
    expect(wrongFields(ProvisionRequest, nested)).toEqual([`profile.${field}`]);
  });
});

describe('a recovery code', () => {
  const { typed } = JSON.parse(
    readFileSync(new URL('../../../test/vectors/recovery-codes-v1.json', import.meta.url), 'utf8'),
  ) as { typed: [string, string][] };
  test.each(typed)('typed as %j is %j', (text, plain) => {
    const { code } = parseMessage(RecoverRequest, { account: 'ada', code: text });
    expect(plainSheetCode(code)).toBe(plain);
  });

  test.each([
    '0123a-bcde',
    '0123a-bcdefg',
    '0123a-bcdeu',
    '0123a_bcdef',
    '0123a\tbcdef',
    '０123a-bcdef',
    'ß123abcdef',
    '',
  ])('is not %j, and the failure names the field, not the code', (code) => {
    const { fields, message } = refusal(RecoverRequest, { account: 'ada', code });
    expect(fields?.map(({ field }) => field)).toEqual(['code']);
    if (code !== '') expect(message).not.toContain(code);
  });

  test('that is a million blanks long is refused in no time', () => {
    expect(wrongFields(RecoverRequest, { account: 'ada', code: ' -'.repeat(20_000) })).toEqual(['code']);
  });
});

describe('base64url has one spelling (RFC 4648 sections 3.5 and 5)', () => {
  const sized = (bytes: number) => Buffer.alloc(bytes, 255).toString('base64url');
  test.each([24, 25, 26, 27, 40, 72, 135, 136])('%i wrapped bytes', (bytes) => {
    const message = { account: 'ada', type: 'totp', device: DEVICE, point: POINT, wrapped: sized(bytes) };
    expect(parseMessage(ImportRequest, message)).toMatchObject({ wrapped: sized(bytes) });
  });

  test.each([
    ['too few bytes', sized(64)],
    ['too many', sized(66)],
    ['padded', `${sized(65)}=`],
    ['unused bits set', `${sized(65).slice(0, -1)}9`],
    ['the other alphabet', sized(65).replaceAll('_', '/')],
    ['a line break', `${sized(65)}\n`],
    ['a blank inside', ` ${sized(65).slice(1)}`],
  ])('a point with %s is refused', (_what, point) => {
    expect(wrongFields(ExchangeRequest, { account: 'ada', type: 'totp', point })).toEqual(['point']);
  });

  test('a length that no bytes have is refused', () => {
    const message = { account: 'ada', type: 'totp', device: DEVICE, point: POINT, wrapped: 'A'.repeat(33) };
    expect(wrongFields(ImportRequest, message)).toEqual(['wrapped']);
  });
});

describe('messages inside messages', () => {
  test.each([
    ['a list for an object', { ...LABEL, profile: [PROFILE], point: POINT }, ['profile']],
    ['an empty list for an object', { ...LABEL, profile: [], point: POINT }, ['profile']],
    ['an unknown field', { ...LABEL, profile: { ...PROFILE, x: 1 }, point: POINT }, ['profile.x']],
  ])('%s is refused', (_what, message, fields) => {
    expect(wrongFields(ProvisionRequest, message)).toEqual(fields);
  });

  test.each([
    ['no items', [], ['items']],
    ['65 items', Array(65).fill(ITEM), ['items']],
    ['a list among the items', [ITEM, [ITEM]], ['items.1']],
    ['null among the items', [ITEM, null], ['items.1']],
    ['a wrong field of the second', [ITEM, { ...ITEM, count: 1001 }], ['items.1.count']],
    ['an object for the list', { 0: ITEM, length: 1 }, ['items']],
  ])('%s: refused', (_what, items, fields) => {
    expect(wrongFields(MatchRequest, { items })).toEqual(fields);
  });
});

describe('a refusal is small and its work bounded, whatever was sent', () => {
  const KIB = 1024;
  const wide = Object.fromEntries(Array.from({ length: 8000 }, (_, n) => [`f${n}`, n]));
  let deep: unknown = 1;
  for (let depth = 0; depth < 2000; depth++) deep = { items: [deep] };

  test.each<[string, Type, unknown]>([
    ['8000 unknown fields', VerifyRequest, wide],
    ['an unknown field with a name of 60 KiB', VerifyRequest, { ['n'.repeat(60 * KIB)]: 1 }],
    ['a code of 60 KiB', VerifyRequest, { account: 'ada', code: '1'.repeat(60 * KIB) }],
    ['a name of 60 KiB', AccountRequest, { account: 'x'.repeat(60 * KIB) }],
    ['12000 names', CreateAccountRequest, { names: Array.from({ length: 12_000 }, (_, n) => n.toString(36)) }],
    ['20000 empty items', MatchRequest, { items: Array(20_000).fill({}) }],
    ['64 empty items', MatchRequest, { items: Array(64).fill({}) }],
    ['2000 levels', MatchRequest, deep],
    ['a name in terminal colours', VerifyRequest, { '\u001b[31m\r\nNats-Service-Error: 1': 1 }],
  ])('%s', (_what, type, value) => {
    const message = arrived(value);
    const before = process.cpuUsage();
    const failure = refusal(type, message);
    const { user } = process.cpuUsage(before);
    expect(user).toBeLessThan(100_000); // us; class-validator alone took 0.2 to 1.6 s of CPU for three of these
    const body = JSON.stringify(failure.body());
    expect(body.length).toBeLessThan(4 * KIB);
    expect(failure.fields?.length).toBeLessThanOrEqual(32);
    for (const { field } of failure.fields ?? []) expect(field).toMatch(/^[\x21-\x7e]*$/);
  });
});

test('each wrong field is named once, with what would be right', () => {
  expect(refusal(VerifyRequest, { account: 7, code: 'abc', requestId: 'a b', more: 1 }).body()).toEqual({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('code: 6 to 10 ASCII digits and nothing else'),
    fields: [
      { field: 'more', problem: 'is not a field of this message' },
      { field: 'account', problem: '1 to 256 characters without control characters' },
      { field: 'code', problem: '6 to 10 ASCII digits and nothing else' },
      { field: 'requestId', problem: '1 to 64 visible ASCII characters, new for each attempt' },
    ],
  });
});

test('a class with a nested field that says not of what is refused where it is first used', async () => {
  const { ValidateNested } = await import('class-validator');
  class Vague {
    inner!: object;
  }
  ValidateNested()(Vague.prototype, 'inner');
  expect(() => parseMessage(Vague, {})).toThrow('Vague.inner');
});
