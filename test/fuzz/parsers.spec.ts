import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newAccount, parseEvent, parseRecord } from '@countersign/account';
import {
  Deadline,
  REPLY_PREFIXES,
  SERVICE_ERROR_CODE_HEADER,
  SERVICE_ERROR_HEADER,
  decodeJson,
  failureIn,
  isReplySubject,
  timeoutFrom,
} from '@countersign/bus';
import {
  Failure,
  askerOf,
  isPublicKeys,
  parseAccountId,
  parseCaller,
  parseDeviceId,
  parseTenant,
  type FailureCode,
} from '@countersign/contracts';
import { DeviceError } from '@countersign/device';
import { SoftwareDevice } from '@countersign/device/node';
import { canonicalName } from '@countersign/ledger';
import { buildOtpauth, decodeBase32, encodeBase32, parseOtpauth, parseSuite, questionBits } from '@countersign/oath';
import {
  PairingError,
  beginExchange,
  canonical,
  checkIdentity,
  checkPoint,
  fromBase64url,
  unwrapKeyOf,
  wrapKey,
  type EnrolmentAnswer,
} from '@countersign/pairing';
import { ConfigError, Environment, Secret } from '@countersign/runtime';
import { headers, type Msg } from '@nats-io/nats-core';
import fc from 'fast-check';
import { POINT } from './good-messages.js';
import { hostileText, mutated, mutatedBytes, mutatedText } from './hostile.js';
import { bytesHeld, outcomeOf } from './outcome.js';
import { inputs } from './seed.js';

const EACH = 2000;
const MEBIBYTE = 2 ** 20;

/** Something that reads what it did not make. `run` throws what is documented, or gives what its `holds` says. */
interface Parser<Input = never> {
  input: fc.Arbitrary<Input>;
  run: (input: Input) => unknown;
  /** whether an error is the documented one; left out: it never throws */
  error?: (error: unknown, input: Input) => boolean;
  /** what is true of a value that was accepted */
  holds?: (value: never, input: Input) => boolean;
  count?: number;
}

const parser = <Input>(rules: Parser<Input>): Parser => rules as unknown as Parser;
const failure =
  (code: FailureCode, field?: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code && (field === undefined || error.fields?.[0]?.field === field);
const pairing = (error: unknown): boolean => error instanceof PairingError;
const range = (error: unknown): boolean => error instanceof RangeError;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'null');

const ID = '0123456789abcdefghjk';
const DEVICE = '0123456789ab';
const profile = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
const state = {
  ...newAccount(),
  devices: [{ id: DEVICE, type: 'hotp', status: 'active', epoch: 1, record: 5, floor: 0 }],
};
const event = { type: 'created', at: 1, by: 'desk', state, after: 0, nonce: 'n' };
const record = {
  type: 'record',
  v: 1,
  device: DEVICE,
  epoch: 1,
  method: 'import',
  profile,
  reference: 's1.x',
  at: 1,
  by: 'ops',
  nonce: 'n',
};
const publicKeys = {
  identity: 'i',
  audit: 'a',
  import: { point: 'p', signature: 's' },
  checkValues: { 'devices-1': '00' },
};
const answer = {
  ...{ tenant: 'acme', account: ID, device: DEVICE, epoch: 1, profile, point: POINT, keyLength: 20 },
  ...{ wrapped: Buffer.alloc(32, 7).toString('base64url'), signature: Buffer.alloc(64).toString('base64url') },
};
const pinned = Buffer.alloc(32, 9).toString('base64url');
const kek = new Secret(Buffer.alloc(32, 3));
const wrapped = wrapKey(kek, new Secret(Buffer.alloc(20, 5)));
const URIS = [
  'otpauth://totp/Acme:ada%40acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme&algorithm=SHA256&digits=8&period=60',
  'otpauth://hotp/ada?secret=jbsw-y3dp ehpk3pxp====&counter=7',
];

let folder: string;
const file = (): string => join(folder, 'file');
const environment = (variables: Record<string, string>, read: (from: Environment) => unknown): unknown => {
  const from = new Environment(variables);
  const value = read(from);
  from.finish();
  return value;
};
const namesVariable = (error: unknown): boolean =>
  error instanceof ConfigError && error.problems.every((problem) => /^FIELD .*should be/s.test(problem));

const PARSERS: Record<string, Parser> = {
  'tenant names': parser({
    input: mutatedText('acme', 'a-1'),
    run: parseTenant,
    error: failure('INVALID_ARGUMENT', 'tenant'),
    holds: (value: string) => /^[a-z0-9-]{1,32}$/.test(value),
  }),
  'caller names': parser({ input: mutatedText('app'), run: parseCaller, error: failure('INVALID_ARGUMENT', 'caller') }),
  'account ids': parser({ input: mutatedText(ID), run: parseAccountId, error: failure('INVALID_ARGUMENT', 'account') }),
  'device ids': parser({
    input: mutatedText(DEVICE),
    run: parseDeviceId,
    error: failure('INVALID_ARGUMENT', 'device'),
  }),
  'subjects: who asks': parser({
    input: mutatedText('countersign.v1.acme.app.verify', 'countersign.v1.beta.ops.device.import.key'),
    run: askerOf,
    error: failure('INVALID_ARGUMENT'),
    holds: ({ tenant, caller }: { tenant: string; caller: string }, text: string) =>
      text.startsWith(`countersign.v1.${tenant}.${caller}.`),
  }),
  'reply subjects': parser({
    input: mutatedText('_INBOX_app.abc.1', '_R_.x.1'),
    run: (text) => isReplySubject(text),
    holds: (is: boolean, text: string) =>
      !is || (REPLY_PREFIXES.some((each) => text.startsWith(each)) && !/[\s*>]/.test(text)),
  }),
  'names of accounts': parser({
    input: fc.tuple(hostileText, fc.constantFrom('fold' as const, 'exact' as const)),
    run: ([text, rule]) => canonicalName(text, rule),
    error: failure('INVALID_ARGUMENT', 'account'),
    holds: (value: string, [, rule]: [string, 'fold' | 'exact']) => canonicalName(value, rule) === value,
  }),
  base32: parser({
    input: mutatedText('JBSWY3DPEHPK3PXP', 'jbsw y3dp-ehpk 3pxp==='),
    run: decodeBase32,
    error: range,
    holds: (secret: Secret) => decodeBase32(encodeBase32(secret)).reveal().equals(secret.reveal()),
  }),
  'otpauth URIs': parser({
    input: mutatedText(...URIS),
    run: (text) => [parseOtpauth(text), outcomeOf(() => buildOtpauth(parseOtpauth(text)))] as const,
    error: range,
    holds: ([one, built]: [ReturnType<typeof parseOtpauth>, { kind: string; value?: string; error?: unknown }]) =>
      built.kind === 'error' ? range(built.error) : sameUri(one, parseOtpauth(built.value as string)),
  }),
  'OCRA suites': parser({
    input: mutatedText('OCRA-1:HOTP-SHA512-8:C-QA10-PSHA256-S064-T2H', 'OCRA-1:HOTP-SHA1-6:QN08'),
    run: (text) => parseSuite(text),
    error: range,
    holds: (suite: ReturnType<typeof parseSuite>, text: string) => suite.text === text && questionBits(suite) >= 13,
  }),
  base64url: parser({
    input: mutatedText(POINT, 'AAAA', 'AA'),
    run: (text) => fromBase64url(text, 'point'),
    error: (error) => pairing(error) && (error as Error).message.startsWith('point '),
    holds: (bytes: Buffer, text: string) => bytes.toString('base64url') === text,
  }),
  points: parser({ input: mutatedBytes(Buffer.from(POINT, 'base64url')), run: checkPoint, error: pairing }),
  'wrapped keys': parser({ input: mutatedBytes(wrapped), run: (bytes) => unwrapKeyOf(20, kek, bytes), error: pairing }),
  signatures: parser({
    input: fc.tuple(mutatedText(pinned), mutatedText(answer.signature)),
    run: ([key, signature]) => checkIdentity(key, Buffer.from('message'), signature),
    error: pairing,
    count: EACH / 2,
  }),
  'answers of an exchange': parser({
    input: mutated(answer),
    run: ({ value }) => beginExchange().finish(value as EnrolmentAnswer, pinned, { tenant: 'acme', profile }),
    error: pairing,
    holds: () => false, // nobody signed it
    count: EACH / 2,
  }),
  transcripts: parser({
    input: fc.tuple(
      fc.array(hostileText, { minLength: 3, maxLength: 3 }),
      fc.array(hostileText, { minLength: 3, maxLength: 3 }),
    ),
    run: ([one, other]) => canonical('d', one).equals(canonical('d', other)),
    holds: (same: boolean, [one, other]: [string[], string[]]) => same === (asUtf8(one) === asUtf8(other)),
  }),
  'events of the ledger': parser({
    input: fc.oneof(
      mutated(event).map(({ value }) => json(value)),
      mutatedBytes(json(event)),
    ),
    run: parseEvent,
    error: failure('UNAVAILABLE'),
    holds: (read: { state: { v: number; devices: unknown[] } }) =>
      read.state.v === 1 && Array.isArray(read.state.devices),
  }),
  'records of the ledger': parser({
    input: fc.oneof(
      mutated(record).map(({ value }) => json(value)),
      mutatedBytes(json(record)),
    ),
    run: parseRecord,
    error: failure('UNAVAILABLE'),
    holds: (read: { v: number }) => read.v === 1,
  }),
  'JSON on the wire': parser({ input: mutatedBytes(json(event), Buffer.from([0xff, 0xfe])), run: decodeJson }),
  'deadlines in headers': parser({
    input: mutatedText('5000', '0', '9999999'),
    run: (text) => new Deadline(timeoutFrom(text) ?? 1000).remainingMs(),
    holds: (ms: number) => ms >= 0 && ms <= 9_999_999,
  }),
  'failures in replies': parser({
    input: fc.tuple(
      mutated({ code: 'BUSY', message: 'm', retryAfterMs: 5, fields: [{ field: 'a', problem: 'b' }] }),
      mutatedText('429'),
    ),
    run: ([{ value }, status]) => {
      const lines = headers();
      lines.set(SERVICE_ERROR_HEADER, 'BUSY: x');
      lines.set(SERVICE_ERROR_CODE_HEADER, status.replace(/[^\x20-\x7e]/g, ''));
      return failureIn({ headers: lines, data: json(value) } as unknown as Msg);
    },
    holds: (read: unknown) =>
      read instanceof Failure && typeof read.status === 'number' && json(read.body()).length > 0,
  }),
  'public keys of the platform': parser({ input: mutated(publicKeys).map(({ value }) => value), run: isPublicKeys }),
  'numbers of the configuration': parser({
    input: mutatedText('5', '100'),
    run: (FIELD) =>
      environment({ FIELD }, (from) => from.integer('FIELD', { unit: 'ms', min: 1, max: 100, fallback: 7 })),
    error: namesVariable,
    holds: (value: number) => Number.isInteger(value) && value >= 1 && value <= 100,
  }),
  'texts of the configuration': parser({
    input: mutatedText('127.0.0.1:4222'),
    run: (FIELD) => environment({ FIELD }, (from) => from.text('FIELD', 'host:port', { pattern: /^[\w.]+:\d+$/ })),
    error: namesVariable,
  }),
  'choices of the configuration': parser({
    input: mutatedText('debug', 'info'),
    run: (FIELD) => environment({ FIELD }, (from) => from.oneOf('FIELD', ['debug', 'info'], 'info')),
    error: namesVariable,
  }),
  'files of the configuration': parser({
    input: fc.oneof(
      mutated(publicKeys).map(({ value }) => json(value)),
      mutatedBytes(json(publicKeys)),
    ),
    run: (bytes) => {
      writeFileSync(file(), bytes);
      return environment({ FIELD: file() }, (from) => from.jsonFile('FIELD', 'public keys', isPublicKeys));
    },
    error: namesVariable,
    holds: (value: unknown) => isPublicKeys(value),
    count: EACH / 2,
  }),
  'paths in the configuration': parser({
    input: hostileText.map((text) => `/nonexistent/${text}`),
    run: (FIELD) => environment({ FIELD }, (from) => from.secretFile('FIELD', 'a key', { bytes: 32 })),
    error: namesVariable,
    holds: () => false,
    count: EACH / 2,
  }),
};

const asUtf8 = (texts: string[]): string => JSON.stringify(texts.map((text) => Buffer.from(text).toString('hex')));
function sameUri(one: ReturnType<typeof parseOtpauth>, other: ReturnType<typeof parseOtpauth>): boolean {
  const { secret, ...rest } = one;
  const { secret: otherSecret, ...otherRest } = other;
  return secret.reveal().equals(otherSecret.reveal()) && JSON.stringify(rest) === JSON.stringify(otherRest);
}

function check({ run, error, holds }: Parser, input: never): void {
  const outcome = outcomeOf(() => run(input));
  if (outcome.kind === 'error') {
    if (!error?.(outcome.error, input)) throw new Error('not the documented error', { cause: outcome.error });
  } else if (holds && !holds(outcome.value as never, input)) throw new Error('what was accepted is not right');
}

describe('every parser, given what nobody should send', () => {
  let heldBefore: number;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-fuzz-'));
    for (const each of Object.values(PARSERS))
      fc.assert(
        fc.property(each.input, (input) => check(each, input)),
        inputs(20),
      );
    heldBefore = bytesHeld();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(Object.entries(PARSERS))('%s: the documented error or what is right, and nothing else', (_name, each) => {
    fc.assert(
      fc.property(each.input, (input) => check(each, input)),
      inputs(each.count ?? EACH),
    );
  });

  test('device files: a changed one does not open', () => {
    const path = join(folder, 'device.json');
    const passphrase = new Secret(Buffer.from('a long passphrase'));
    const key = new Secret(Buffer.alloc(20, 5));
    const description = { tenant: 'acme', account: ID, device: DEVICE, epoch: 1, profile, identity: 'the key' };
    SoftwareDevice.save(path, description, key, passphrase, { scryptCost: 1024 });
    const good = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const changed = fc.property(mutated(good), ({ value, touched }) => {
      writeFileSync(path, json(value));
      const outcome = outcomeOf(() => SoftwareDevice.open(path, passphrase)[Symbol.dispose]());
      if (outcome.kind === 'error' && !(outcome.error instanceof DeviceError)) throw outcome.error;
      const sealed = [...touched].some((field) => [...NAMES, 'profile'].includes(field));
      const opens = outcome.kind === 'value' && sealed && !sameFields(good, value);
      if (opens) throw new Error(`it opens although ${[...touched].join()} changed`);
    });
    fc.assert(changed, inputs(EACH / 2));
  });

  test('and they keep nothing of it', () => {
    expect((bytesHeld() - heldBefore) / MEBIBYTE).toBeLessThan(8);
  });
});

/** What the key is sealed with, besides the profile. */
const NAMES = ['tenant', 'account', 'device', 'epoch', 'identity'];

/** Whether what the key is sealed with is as it was after all. */
function sameFields(good: Record<string, unknown>, value: unknown): boolean {
  const other = (value ?? {}) as Record<string, unknown>;
  return (
    NAMES.every((field) => good[field] === other[field]) &&
    Object.entries(profile).every(
      ([field, was]) => (other['profile'] as Record<string, unknown> | undefined)?.[field] === was,
    )
  );
}
