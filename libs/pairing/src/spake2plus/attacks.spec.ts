import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SystemRandom } from '@countersign/runtime';
import { hide } from '../hidden.js';
import { nodeScrypt } from '../node-scrypt.js';
import { M, N, ORDER, drawScalar, times, writePoint } from './group.js';
import type { Terms } from './key-schedule.js';
import { Prover } from './prover.js';
import { proverSecret, verifierRecord } from './registration.js';
import type { ProverSecret } from './registration.js';
import { Verifier } from './verifier.js';

const random = new SystemRandom();
const terms: Terms = { context: Buffer.from('a test'), idProver: 'device', idVerifier: 'platform' };
const secretOf = (pin: string) => proverSecret(hide<Uint8Array>(Buffer.from(pin)), terms, { scrypt: nodeScrypt });

let right: ProverSecret;
let wrong: ProverSecret;
beforeAll(async () => {
  right = await secretOf('271828');
  wrong = await secretOf('271829');
});

const point = (problem = 'point') => expect.objectContaining({ name: 'PairingError', problem });
const used = point('used');

/** An honest exchange up to the verifier's answer. */
function answered() {
  const prover = new Prover(right, random);
  const verifier = new Verifier(verifierRecord(right), terms, prover.share, random);
  return { prover, verifier };
}

describe('one wrong password', () => {
  test('at the prover: the answer is refused, and no confirmation is made', () => {
    const prover = new Prover(wrong, random);
    const verifier = new Verifier(verifierRecord(right), terms, prover.share, random);
    expect(prover.judge(terms, verifier.share, verifier.confirmV)).toEqual({ kind: 'refused' });
  });

  test('a prover that confirms all the same is refused', () => {
    const { verifier } = answered();
    expect(verifier.judge(random.bytes(32))).toEqual({ kind: 'refused' });
  });

  test('the verifier proves nothing either: somebody with another record is refused', () => {
    const prover = new Prover(right, random);
    const liar = new Verifier(verifierRecord(wrong), terms, prover.share, random);
    expect(prover.judge(terms, liar.share, liar.confirmV)).toEqual({ kind: 'refused' });
  });

  test('each end judges once, right or wrong', () => {
    const { prover, verifier } = answered();
    expect(prover.judge(terms, verifier.share, random.bytes(32))).toEqual({ kind: 'refused' });
    expect(() => prover.judge(terms, verifier.share, verifier.confirmV)).toThrow(used);
    expect(verifier.judge(random.bytes(32))).toEqual({ kind: 'refused' });
    expect(() => verifier.judge(random.bytes(32))).toThrow(used);
  });

  test('whoever holds the record but not the password cannot be the prover', () => {
    // he knows w0 and L; a prover needs w1
    const thief = hide({ w0: right.reveal().w0, w1: drawScalar(random) });
    const prover = new Prover(thief, random);
    const verifier = new Verifier(verifierRecord(right), terms, prover.share, random);
    expect(prover.judge(terms, verifier.share, verifier.confirmV)).toEqual({ kind: 'refused' });
  });
});

describe('in the middle', () => {
  test('shares of two exchanges, swapped, confirm nothing', () => {
    const [one, other] = [answered(), answered()];
    expect(one.prover.judge(terms, other.verifier.share, other.verifier.confirmV)).toEqual({ kind: 'refused' });
    expect(other.prover.judge(terms, other.verifier.share, one.verifier.confirmV)).toEqual({ kind: 'refused' });
  });

  test('a share put in place of the device’s is seen by both', () => {
    const prover = new Prover(right, random);
    const middle = new Prover(wrong, random);
    const verifier = new Verifier(verifierRecord(right), terms, middle.share, random);
    expect(prover.judge(terms, verifier.share, verifier.confirmV)).toEqual({ kind: 'refused' });
    expect(middle.judge(terms, verifier.share, verifier.confirmV)).toEqual({ kind: 'refused' });
  });

  test('the prover’s own messages, sent back, are refused', () => {
    const prover = new Prover(right, random);
    expect(prover.judge(terms, prover.share, random.bytes(32))).toEqual({ kind: 'refused' });
  });

  test('one bit of any message changed is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom('shareP', 'shareV', 'confirmV', 'confirmP'), fc.nat(), (which, bit) => {
        expect(confirms(which, (bytes) => flipped(bytes, bit))).toBe(false);
      }),
      { numRuns: 60 },
    );
    expect(confirms('shareP', (bytes) => bytes)).toBe(true);
  });

  test.each<[string, Terms]>([
    ['context', { ...terms, context: Buffer.from('b test') }],
    ['prover', { ...terms, idProver: 'devicf' }],
    ['verifier', { ...terms, idVerifier: 'platforn' }],
    ['boundary between the two', { ...terms, idProver: 'devicep', idVerifier: 'latform' }],
  ])('another %s is refused', (_name, others) => {
    const { prover, verifier } = answered();
    expect(prover.judge(others, verifier.share, verifier.confirmV)).toEqual({ kind: 'refused' });
  });
});

describe('points', () => {
  const good = new Prover(hide({ w0: 1n, w1: 2n }), random).share;
  const compressed = Buffer.concat([Buffer.from([2 + (good[64]! & 1)]), good.subarray(1, 33)]);
  const bad: [string, Uint8Array][] = [
    ['compressed', compressed],
    ['compressed and filled up', Buffer.concat([compressed, Buffer.alloc(32)])],
    ['hybrid', Buffer.concat([Buffer.from([6 + (good[64]! & 1)]), good.subarray(1)])],
    ['off the curve', flipped(good, 8 * 64)],
    ['identity', Buffer.from([0])],
    ['identity in 65 bytes', Buffer.alloc(65)],
    ['all zeros after 04', Buffer.concat([Buffer.from([4]), Buffer.alloc(64)])],
    ['beyond the field', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 0xff)])],
    ['of no bytes', Buffer.alloc(0)],
    ['too long', Buffer.concat([good, Buffer.alloc(1)])],
  ];

  test.each(bad)('%s: refused by both', (_name, bytes) => {
    expect(() => new Verifier(verifierRecord(right), terms, bytes, random)).toThrow(point());
    const { prover, verifier } = answered();
    expect(() => prover.judge(terms, bytes, verifier.confirmV)).toThrow(point());
    expect(() => prover.judge(terms, verifier.share, verifier.confirmV)).toThrow(used);
  });

  test('a share that the password cancels out is refused by both', () => {
    const { w0 } = right.reveal();
    expect(() => new Verifier(verifierRecord(right), terms, writePoint(times(M, w0)), random)).toThrow(point());
    expect(() => answered().prover.judge(terms, writePoint(times(N, w0)), random.bytes(32))).toThrow(point());
  });

  test('a scalar is drawn again until it is from 1 to the order less 1', () => {
    const draws = [0n, ORDER, ORDER + 5n, 2n ** 256n - 1n, ORDER - 1n].map((value) => value.toString(16));
    const given = { bytes: () => Buffer.from(draws.shift()!.padStart(64, '0'), 'hex') };
    expect(drawScalar(given)).toBe(ORDER - 1n);
    expect(draws).toEqual([]);
  });
});

test('nothing secret shows in what is logged', () => {
  const { prover, verifier } = answered();
  const shown = [right, verifierRecord(right), prover, verifier].map((each) => inspect(each, { depth: 9 }));
  const { w0, w1 } = right.reveal();
  for (const text of shown) for (const secret of [w0, w1]) expect(text).not.toContain(secret.toString());
  expect(JSON.stringify([right, verifierRecord(right)])).toBe('[{},{}]');
  expect(Object.keys(JSON.parse(JSON.stringify(verifier)))).toEqual(['share', 'confirmV']);
});

/** Runs an exchange with one message changed: whether either end confirms and the other does, too. */
function confirms(which: string, change: (bytes: Uint8Array) => Uint8Array): boolean {
  const passed = (name: string, bytes: Uint8Array) => (name === which ? change(bytes) : bytes);
  try {
    const prover = new Prover(right, random);
    const verifier = new Verifier(verifierRecord(right), terms, passed('shareP', prover.share), random);
    const proved = prover.judge(terms, passed('shareV', verifier.share), passed('confirmV', verifier.confirmV));
    return proved.kind === 'confirmed' && verifier.judge(passed('confirmP', proved.confirmP)).kind === 'confirmed';
  } catch (error) {
    expect(error).toEqual(point());
    return false;
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
  return changed;
}
