import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret, SystemRandom } from '@countersign/runtime';
import type { EnrolmentAnswer } from '../answered.js';
import { fromBase64url, toBase64url } from '../base64url.js';
import { beginExchange } from '../enrolment.js';
import { makeEphemeral } from '../ephemeral.js';
import { enrolmentMessage } from '../identity.js';
import { keyEncryptionKey, wrapKey } from '../key-wrap.js';
import { PairingError } from '../pairing-error.js';
import { proverSecret, verifierRecord } from '../spake2plus/registration.js';
import { Prover } from '../spake2plus/prover.js';
import { transcriptHash } from '../transcript.js';
import { DeviceEnd, beginPairing } from './device-end.js';
import { drawPin, readPin } from './pin.js';
import { PlatformEnd } from './platform-end.js';
import type { OpenedSession } from './platform-end.js';
import { identitiesOf } from './terms.js';
import type { PairingSession } from './terms.js';

const random = new SystemRandom();
const signer = generateKeyPairSync('ed25519');
const identity = signer.publicKey.export({ format: 'jwk' }).x!;
const session: OpenedSession = {
  tenant: 'acme',
  account: '0123456789abcdefghjk',
  session: '0123456789abcdef',
  identity,
  profile: { type: 'totp', algorithm: 'SHA256', digits: 8, stepSeconds: 30, t0Seconds: 1700000000, counter: 0 },
};
const key = Buffer.from(createHash('sha256').update('a device key').digest());
/** scrypt is shown elsewhere; here a hash does. */
const scrypt = async (password: Uint8Array, _salt: unknown, _cost: unknown, lengthBytes: number) =>
  createHash('shake256', { outputLength: lengthBytes }).update(password).digest();

const secretOf = (pin: string, of: PairingSession) => proverSecret(readPin(pin), identitiesOf(of), { scrypt });
const right = await secretOf('271828', session);
const platformEnd = () => new PlatformEnd(session, verifierRecord(right), random);
const deviceEnd = (secret = right, of: PairingSession = session) =>
  new DeviceEnd(of, new Prover(secret, random), beginExchange(random));

/** What the HSM answers to a point. */
function provision(point: string, asked = session): EnrolmentAnswer {
  const { tenant, account, profile } = asked;
  const parameters = { tenant, account, device: '0123456789ab', epoch: 1, profile: { ...profile } };
  const hsm = makeEphemeral(random);
  const theirs = fromBase64url(point, 'point');
  const transcript = transcriptHash('enrol', parameters, theirs, hsm.point);
  const wrapped = wrapKey(keyEncryptionKey(hsm.agree(theirs), transcript), new Secret(key));
  const signature = sign(null, enrolmentMessage(transcript, wrapped), signer.privateKey);
  const text = { point: toBase64url(hsm.point), wrapped: toBase64url(wrapped), signature: toBase64url(signature) };
  return { ...parameters, ...text, keyLength: 32 };
}

type Change = <Message extends object>(name: string, message: Message) => Message;

/** A whole pairing with somebody in between who changes messages. Returns how far it came. */
function paired(change: Change, device = deviceEnd(), platform = platformEnd()) {
  const judged = device.judge(change('share reply', platform.answer(change('share request', device.request))));
  if (judged.kind === 'refused') return { ended: 'the device refused' as const };
  const confirmed = platform.confirm(change('confirm request', judged.request));
  if (confirmed.kind === 'refused') return { ended: 'the platform refused' as const };
  const { reply, sessionKey } = platform.seal(provision(confirmed.point));
  return { ended: 'paired' as const, platformKey: sessionKey, ...device.finish(change('provision reply', reply)) };
}

const honest: Change = (_name, message) => message;
const problem = (name: string) => expect.objectContaining({ name: 'PairingError', problem: name });

test('an honest pairing gives the device its key, and both the same session key', () => {
  const outcome = paired(honest);
  if (outcome.ended !== 'paired') throw new Error(outcome.ended);
  expect(outcome.key.reveal()).toEqual(key);
  expect(outcome.sessionKey.reveal()).toEqual(outcome.platformKey.reveal());
  expect(outcome.sessionKey.reveal()).toHaveLength(32);
  const other = paired(honest);
  if (other.ended === 'paired') expect(other.sessionKey.reveal()).not.toEqual(outcome.sessionKey.reveal());
});

describe('a wrong PIN', () => {
  test('ends at the device, which says nothing more; the next try is another', async () => {
    const platform = platformEnd();
    const wrong = await secretOf('271829', session);
    expect(paired(honest, deviceEnd(wrong), platform)).toEqual({ ended: 'the device refused' });
    expect(paired(honest, deviceEnd(), platform)).toMatchObject({ ended: 'paired' });
  });

  test('a device that goes on all the same is refused, and gets nothing provisioned', () => {
    const platform = platformEnd();
    platform.answer(deviceEnd().request);
    const forged = { session: session.session, confirm: toBase64url(random.bytes(32)) };
    expect(platform.confirm(forged)).toEqual({ kind: 'refused' });
    expect(() => platform.confirm(forged)).toThrow(problem('used'));
    expect(() => platform.seal(provision(deviceEnd().request.point))).toThrow(problem('used'));
  });

  test.each<[string, Partial<PairingSession>]>([
    ['session', { session: '0123456789abcdeg' }],
    ['identity key', { identity: toBase64url(Buffer.alloc(32, 7)) }],
    ['tenant', { tenant: 'beta' }],
    ['account', { account: '0123456789abcdefghjm' }],
  ])('the right PIN with another %s in the invitation is no better', async (_name, other) => {
    const invited = { ...session, ...other };
    const device = deviceEnd(await secretOf('271828', invited), invited);
    // whoever gave the invitation also puts the right session into the requests
    const passing: Change = (name, message) =>
      name.endsWith('request') ? { ...message, session: session.session } : message;
    expect(paired(passing, device)).toEqual({ ended: 'the device refused' });
  });
});

describe('in the middle', () => {
  const messages = {
    'share request': ['session', 'share', 'point'],
    'share reply': ['share', 'confirm', 'profile'],
    'confirm request': ['session', 'confirm'],
    'provision reply': 'tenant account device epoch profile point wrapped keyLength signature seal'.split(' '),
  };
  const fields = Object.entries(messages).flatMap(([name, all]) => all.map((field) => [name, field] as const));

  test('the table names every field of every message', () => {
    const seen: Record<string, string[]> = {};
    paired((name, message) => {
      seen[name] = Object.keys(message);
      return message;
    });
    for (const [name, all] of Object.entries(messages)) expect(seen[name]!.sort()).toEqual([...all].sort());
  });

  test.each(fields)('%s: no other %s is taken', (wanted, field) => {
    fc.assert(
      fc.property(mutation, (mutate) => {
        expect(endOf((name, message) => (name === wanted ? mutate(message, field) : message))).not.toBe('paired');
      }),
      { numRuns: 8 },
    );
  });

  test.each(Object.keys(messages))('%s: another session’s does not do', (wanted) => {
    const others = new Map<string, object>();
    paired((name, message) => {
      others.set(name, message);
      return message;
    });
    expect(endOf((name, message) => (name === wanted ? (others.get(name) as typeof message) : message))).not.toBe(
      'paired',
    );
  });

  test('a device’s point of his own ends it before anything is provisioned', () => {
    const mine = beginExchange(random).point;
    expect(endOf((name, message) => (name === 'share request' ? { ...message, point: mine } : message))).toBe(
      'the device refused',
    );
  });

  test('a true answer of the HSM, to the same point, but not of this pairing, has no seal', () => {
    let point = '';
    const change: Change = (name, message) => {
      if ('point' in message && name === 'share request') point = message.point as string;
      return name === 'provision reply' ? { ...message, ...provision(point) } : message;
    };
    expect(() => paired(change)).toThrow(problem('seal'));
  });

  test('an answer that the identity key did not sign is refused by a device that was confirmed', () => {
    const device = deviceEnd();
    const platform = platformEnd();
    const judged = device.judge(platform.answer(device.request));
    if (judged.kind === 'refused') throw new Error('refused');
    const confirmed = platform.confirm(judged.request);
    if (confirmed.kind === 'refused') throw new Error('refused');
    const unsigned = { ...provision(confirmed.point), signature: toBase64url(Buffer.alloc(64)) };
    expect(() => device.finish(platform.seal(unsigned).reply)).toThrow(problem('signature'));
    expect(() => device.finish(platform.seal(unsigned).reply)).toThrow(problem('used'));
  });

  test('the platform does not seal an answer for another account or profile', () => {
    const platform = platformEnd();
    const device = deviceEnd();
    const judged = device.judge(platform.answer(device.request));
    if (judged.kind === 'confirmed') platform.confirm(judged.request);
    for (const other of [{ account: 'z'.repeat(20) }, { profile: { ...session.profile, digits: 6 } }])
      expect(() => platform.seal(provision(device.request.point, { ...session, ...other }))).toThrow(
        problem('parameters'),
      );
  });

  test('a session that has paired answers no more shares', () => {
    const platform = platformEnd();
    expect(paired(honest, deviceEnd(), platform).ended).toBe('paired');
    expect(() => platform.answer(deviceEnd().request)).toThrow(problem('used'));
  });

  test('only the last share can be confirmed', () => {
    const platform = platformEnd();
    const first = deviceEnd();
    const judged = first.judge(platform.answer(first.request));
    platform.answer(deviceEnd().request);
    if (judged.kind === 'confirmed') expect(platform.confirm(judged.request)).toEqual({ kind: 'refused' });
  });
});

test('nothing secret shows in what is logged', () => {
  const device = deviceEnd();
  const platform = platformEnd();
  platform.answer(device.request);
  const shown = inspect([device, platform, readPin('271828')], { depth: 9, showHidden: true });
  expect(shown).not.toMatch(/271828|50, 55, 49|\bw[01]:/);
});

describe('a PIN', () => {
  test('is read as people type it', () => {
    expect(Buffer.from(readPin('271-828').reveal()).toString()).toBe('271828');
    expect(Buffer.from(readPin(' 0000 0001 ').reveal()).toString()).toBe('00000001');
  });

  test.each(['', '12345', '123456789', '12345a', '١٢٣٤٥٦', '12.3456'])('%j is none', (typed) => {
    expect(() => readPin(typed)).toThrow(problem('pin'));
  });

  test('is drawn evenly: what would make some likelier is drawn again', () => {
    // 2^32 is 4294 * 10^6 + 967296: 4294000000 is the first that is drawn again
    const edge = [4294967295, 4294000000, 4293999999].map(fourBytes);
    expect(pinFrom(edge)).toBe('999999');
    expect(pinFrom([fourBytes(41)])).toBe('000041');
    expect(() => drawPin(random, 5)).toThrow(RangeError);
  });
});

test('the device’s end begins with what the person typed', async () => {
  const exchange = beginExchange(random);
  const device = await beginPairing({ ...session }, readPin('271 828'), { random, exchange, scrypt });
  expect(paired(honest, device).ended).toBe('paired');
});

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function pinFrom(draws: Buffer[]): string {
  return Buffer.from(drawPin({ bytes: () => draws.shift()! }).reveal()).toString();
}

/** How a pairing ended: a refusal by a PairingError is an end like the others, anything else that is thrown fails. */
function endOf(change: Change): string {
  try {
    return paired(change).ended;
  } catch (error) {
    expect(error).toBeInstanceOf(PairingError);
    return (error as PairingError).problem;
  }
}

type Mutate = <Message extends object>(message: Message, field: string) => Message;

/** Changes one field to something else: another value of its kind, a part of it, nothing, or another kind of thing. */
const mutation: fc.Arbitrary<Mutate> = fc.tuple(fc.nat(), fc.nat({ max: 9 })).map(([at, how]) => {
  const changed = (value: unknown): unknown => {
    if (how === 0) return undefined;
    if (how === 1) return null;
    if (how === 2) return { length: 65 };
    if (typeof value === 'number') return value + 1 + (at % 3);
    if (typeof value === 'object') {
      const names = Object.keys(value as object);
      const name = names[at % names.length]!;
      return { ...value, [name]: changed((value as Record<string, unknown>)[name]) };
    }
    const text = value as string;
    if (how === 3) return text.slice(0, at % text.length);
    if (how === 4) return `${text}A`;
    const place = at % text.length;
    return `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
  };
  return (message, field) => ({ ...message, [field]: changed((message as Record<string, unknown>)[field]) });
});
