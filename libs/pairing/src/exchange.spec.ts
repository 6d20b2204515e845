import { createCipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { WebRandom } from '@countersign/runtime/portable';
import {
  beginExchange,
  beginPortableExchange,
  checkPoint,
  keyEncryptionKey,
  makeEphemeral,
  transcriptHash,
  wrapForImport,
} from './index.js';
import type { AskedFor, EnrolmentAnswer, Exchange, Hidden, PairedParameters } from './index.js';

const file = new URL('../../../test/vectors/pairing-v1.json', import.meta.url);
const vector: {
  parameters: PairedParameters;
  client_point_hex: string;
  hsm_point_hex: string;
  shared_x_hex: string;
  cases: { purpose: 'enrol' | 'import'; transcript_hash_hex: string; kek_hex: string }[];
  t0_before_1970: { t0Seconds: number; transcript_hash_hex: string };
} = JSON.parse(readFileSync(file, 'utf8'));
const hex = (text: string) => Buffer.from(text, 'hex');
const { parameters } = vector;

describe('the exchange as another implementation computed it', () => {
  test.each(vector.cases)('$purpose', ({ purpose, transcript_hash_hex, kek_hex }) => {
    const hash = transcriptHash(purpose, parameters, hex(vector.client_point_hex), hex(vector.hsm_point_hex));
    expect(hash.toString('hex')).toBe(transcript_hash_hex);
    expect(
      keyEncryptionKey(new Secret(hex(vector.shared_x_hex)), hash)
        .reveal()
        .toString('hex'),
    ).toBe(kek_hex);
  });

  test('T0 before 1970', () => {
    const { t0Seconds, transcript_hash_hex } = vector.t0_before_1970;
    const early = { ...parameters, profile: { ...parameters.profile, t0Seconds } };
    const hash = transcriptHash('enrol', early, hex(vector.client_point_hex), hex(vector.hsm_point_hex));
    expect(hash.toString('hex')).toBe(transcript_hash_hex);
  });

  test('scalar 2 has that point and agrees on that x', () => {
    const ephemeral = makeEphemeral({ bytes: () => hex('2'.padStart(64, '0')) });
    expect(ephemeral.point.toString('hex')).toBe(vector.client_point_hex);
    expect(ephemeral.agree(hex(vector.hsm_point_hex)).reveal().toString('hex')).toBe(vector.shared_x_hex);
  });
});

describe('points', () => {
  const good = hex(vector.client_point_hex);
  const compressed = Buffer.concat([Buffer.from([2 + (good[64]! & 1)]), good.subarray(1, 33)]);
  const hybrid = Buffer.concat([Buffer.from([6 + (good[64]! & 1)]), good.subarray(1)]);
  const off = Buffer.from(good);
  off[64]! ^= 1;

  test.each([
    ['compressed', compressed],
    ['hybrid', hybrid],
    ['off the curve', off],
    ['infinity', Buffer.from([0])],
    ['all zeros', Buffer.concat([Buffer.from([4]), Buffer.alloc(64)])],
    ['too long', Buffer.concat([good, Buffer.alloc(1)])],
  ])('%s is refused', (_name, bytes) => {
    expect(() => checkPoint(bytes)).toThrow(expect.objectContaining({ problem: 'point' }));
  });

  test('the uncompressed form is taken', () => expect(checkPoint(good)).toEqual(good));
});

/** The HSM's end, from other primitives of Node than the library uses. */
class OtherEnd {
  readonly identity = generateKeyPairSync('ed25519');

  constructor(
    readonly key = Buffer.from(Array.from({ length: 32 }, (_, at) => at)),
    private readonly keyLength = 32,
  ) {}

  get pinned(): string {
    return rawPublic(this.identity.publicKey).toString('base64url');
  }

  answer(clientPoint: string, given = parameters): EnrolmentAnswer {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const point = rawPublic(pair.publicKey);
    const hash = transcriptHash('enrol', given, Buffer.from(clientPoint, 'base64url'), point);
    const wrapped = wrap(kekOf(pair.privateKey, clientPoint, hash), this.key);
    const message = Buffer.concat([
      Buffer.from('countersign enrol signature v1\0'),
      hash,
      createHash('sha256').update(wrapped).digest(),
    ]);
    const signature = sign(null, message, this.identity.privateKey).toString('base64url');
    const text = { point: point.toString('base64url'), wrapped: wrapped.toString('base64url'), signature };
    return { ...structuredClone(given), ...text, keyLength: this.keyLength };
  }
}

function rawPublic(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  const bytes = Buffer.from(x!, 'base64url');
  return y === undefined ? bytes : Buffer.concat([Buffer.from([4]), bytes, Buffer.from(y, 'base64url')]);
}

function kekOf(privateKey: KeyObject, clientPoint: string, hash: Buffer): Buffer {
  const bytes = Buffer.from(clientPoint, 'base64url');
  const jwk = { x: bytes.subarray(1, 33).toString('base64url'), y: bytes.subarray(33).toString('base64url') };
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', ...jwk }, format: 'jwk' });
  const shared = diffieHellman({ privateKey, publicKey });
  return createCipheriv('aes-256-cbc', shared, Buffer.alloc(16)).update(hash);
}

function wrap(kek: Buffer, key: Buffer): Buffer {
  return createCipheriv('id-aes256-wrap-pad', kek, hex('a65959a6')).update(key);
}

const ends: [string, () => Exchange<Hidden>][] = [
  ["OpenSSL's", () => beginExchange()],
  ["JavaScript's", () => beginPortableExchange(new WebRandom())],
];

describe.each(ends)('enrolment at the device, by %s arithmetic', (_whose, begin) => {
  const asked: AskedFor = { tenant: parameters.tenant, profile: parameters.profile };

  test('an honest answer gives the key', () => {
    const end = new OtherEnd();
    const exchange = begin();
    expect(exchange.finish(end.answer(exchange.point), end.pinned, asked).reveal()).toEqual(end.key);
  });

  test('an answer of an HSM that fills a key of 20 bytes up to 24 gives the 20', () => {
    const end = new OtherEnd(Buffer.concat([Buffer.alloc(20, 7), Buffer.alloc(4)]), 20);
    const sha1 = { ...parameters, profile: { ...parameters.profile, algorithm: 'SHA1' as const } };
    const exchange = begin();
    const key = exchange.finish(end.answer(exchange.point, sha1), end.pinned, { ...asked, profile: sha1.profile });
    expect(key.reveal()).toEqual(Buffer.alloc(20, 7));
  });

  test('a signed answer that holds a key of another length is refused', () => {
    const end = new OtherEnd(Buffer.alloc(31, 7));
    const exchange = begin();
    expect(() => exchange.finish(end.answer(exchange.point), end.pinned, asked)).toThrow(
      expect.objectContaining({ problem: 'key' }),
    );
  });

  const other = { ...parameters.profile };
  const lies: [string, (answer: EnrolmentAnswer) => void, string][] = [
    ['another tenant', (a) => (a.tenant = 'beta'), 'parameters'],
    ['another algorithm', (a) => (a.profile = { ...other, algorithm: 'SHA1' }), 'parameters'],
    ['fewer digits', (a) => (a.profile = { ...other, digits: 6 }), 'parameters'],
    ['another step', (a) => (a.profile = { ...other, stepSeconds: 60 }), 'parameters'],
    ['another T0', (a) => (a.profile = { ...other, t0Seconds: 0 }), 'parameters'],
    ['another type', (a) => (a.profile = { ...other, type: 'hotp' }), 'parameters'],
    ['another counter', (a) => (a.profile = { ...other, counter: 5 }), 'parameters'],
    ['a shorter key', (a) => (a.keyLength = 16), 'parameters'],
    ['no epoch', (a) => delete (a as Partial<EnrolmentAnswer>).epoch, 'parameters'],
    ['no profile', (a) => delete (a as Partial<EnrolmentAnswer>).profile, 'parameters'],
    ['a profile of null', (a) => (a.profile = null as never), 'parameters'],
    ['no signature', (a) => delete (a as Partial<EnrolmentAnswer>).signature, 'parameters'],
    ['no point', (a) => delete (a as Partial<EnrolmentAnswer>).point, 'encoding'],
    ['a point that is a number', (a) => (a.point = 4 as never), 'encoding'],
    ['an account that was not signed', (a) => (a.account = 'z'.repeat(20)), 'signature'],
    ['a device that was not signed', (a) => (a.device = 'z'.repeat(12)), 'signature'],
    ['an epoch that was not signed', (a) => (a.epoch = 2), 'signature'],
    ['a point that was not signed', (a) => (a.point = beginExchange().point), 'signature'],
    ['a wrapped key that was not signed', (a) => (a.wrapped = Buffer.alloc(40).toString('base64url')), 'signature'],
    ['a second spelling of the signature', (a) => (a.signature += '='), 'encoding'],
  ];

  test.each(lies)('%s is refused', (_name, lie, problem) => {
    const end = new OtherEnd();
    const exchange = begin();
    const answer = end.answer(exchange.point);
    lie(answer);
    expect(() => exchange.finish(answer, end.pinned, asked)).toThrow(expect.objectContaining({ problem }));
  });

  test.each([null, undefined, 7, 'text'])('an answer that is %p is refused', (answer) => {
    const finish = () => begin().finish(answer as never, new OtherEnd().pinned, asked);
    expect(finish).toThrow(expect.objectContaining({ problem: 'parameters' }));
  });

  test('an answer signed by another identity is refused', () => {
    const exchange = begin();
    const answer = new OtherEnd().answer(exchange.point);
    expect(() => exchange.finish(answer, new OtherEnd().pinned, asked)).toThrow(
      expect.objectContaining({ problem: 'signature' }),
    );
  });

  test('another account or device than the one named is refused, though it is signed', () => {
    const end = new OtherEnd();
    const exchange = begin();
    const answer = end.answer(exchange.point, { ...parameters, account: 'z'.repeat(20) });
    const named = { ...asked, account: parameters.account };
    expect(() => exchange.finish(answer, end.pinned, named)).toThrow(
      expect.objectContaining({ problem: 'parameters' }),
    );
  });

  test('the same answer twice is refused', () => {
    const end = new OtherEnd();
    const exchange = begin();
    const answer = end.answer(exchange.point);
    exchange.finish(answer, end.pinned, asked);
    expect(() => exchange.finish(answer, end.pinned, asked)).toThrow(expect.objectContaining({ problem: 'used' }));
  });
});

describe('a seed wrapped for the HSM', () => {
  const seed = new Secret(Buffer.from('12345678901234567890'));
  const identity = generateKeyPairSync('ed25519');
  const hsm = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = rawPublic(hsm.publicKey);
  const message = Buffer.concat([Buffer.from('countersign import key v1\0'), point]);
  const signature = sign(null, message, identity.privateKey).toString('base64url');
  const importKey = { point: point.toString('base64url'), signature };
  const pinnedIdentityKey = rawPublic(identity.publicKey).toString('base64url');

  test('opens at the HSM under the transcript of exactly these parameters', () => {
    const sent = wrapForImport({ seed, parameters, importKey, pinnedIdentityKey });
    const opened = (given: PairedParameters) => {
      const hash = transcriptHash('import', given, Buffer.from(sent.point, 'base64url'), point);
      return wrap(kekOf(hsm.privateKey, sent.point, hash), seed.reveal()).toString('base64url');
    };
    expect(sent.wrapped).toBe(opened(parameters));
    expect(sent.wrapped).not.toBe(opened({ ...parameters, device: 'zzzzzzzzzzzz' }));
  });

  test('an import key that the identity key did not sign is refused', () => {
    const forged = { point: beginExchange().point, signature };
    expect(() => wrapForImport({ seed, parameters, importKey: forged, pinnedIdentityKey })).toThrow(
      expect.objectContaining({ problem: 'signature' }),
    );
  });
});
