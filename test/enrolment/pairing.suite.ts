import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenPairingReply } from '@countersign/contracts';
import {
  DeviceEnd,
  Prover,
  beginExchange,
  drawPin,
  nodeScrypt,
  openPairing,
  proverSecret,
  readPin,
  type ProverSecret,
} from '@countersign/pairing';
import { SystemRandom, type Random, type Secret } from '@countersign/runtime';
import { deviceEnd, invitationOf, pair, proofOf, type Shown } from '../world/pairing.js';
import { MALFORMED, badPoints, flipped } from './bent.js';
import { eventsOf, stored } from './ledger.js';
import { PROFILE } from './methods/method.js';
import { allLive, desk, gate, oneDied, oneWillDie, world } from './shared-world.js';

const GONE_MS = 1500;
const NOTHING = { code: 'NOT_FOUND', message: 'this pairing cannot be used, or not any more; open another one' };
const OTHERS = { code: 'CONFLICT', message: 'the two ends do not agree: another PIN, or somebody in between' };
const random = new SystemRandom();

let account: string;
let shown: OpenPairingReply;

const open = (name: string): Promise<OpenPairingReply> => desk.pairOpen({ account: name, ...PROFILE });
const opened = async (): Promise<void> => {
  account = (await world.account()).name;
  shown = await open(account);
};

const wrong = ({ pin }: Shown): string => `${(Number(pin[0]) + 1) % 10}${pin.slice(1)}`;
const typesOf = async (name = account): Promise<string[]> => (await eventsOf(name)).map(({ type }) => type);
const triesSpent = async (): Promise<number> => (await typesOf()).filter((type) => type === 'pairing_tried').length;
const devicesOf = async (name = account) => (await desk.devices({ account: name })).devices;
/** The addressing that every message of a device has. */
const placeOf = (of: Shown) => ({ at: invitationOf(of).at, id: invitationOf(of).account });
const share = (end: DeviceEnd<Secret>, of: Shown = shown, rest: object = {}) =>
  gate.pairShare({ ...placeOf(of), ...end.request, ...rest });

/** The same device again and again: each end takes one answer. */
async function sameDevice(of: Shown): Promise<() => DeviceEnd<Secret>> {
  const { session, identity, ...rest } = invitationOf(of);
  const secret: ProverSecret = await proverSecret(
    readPin(of.pin),
    { idProver: session, idVerifier: identity },
    { scrypt: nodeScrypt },
  );
  const scalar = random.bytes(32);
  const fixed: Random = { bytes: () => scalar };
  return () => new DeviceEnd({ ...rest, session, identity }, new Prover(secret, fixed), beginExchange(fixed));
}

describe('pairing by PIN: tries', () => {
  beforeEach(opened);

  test('are as many as there are, right or wrong, and then the right PIN does not help', async () => {
    for (const triesLeft of [2, 1, 0]) {
      const end = await deviceEnd({ ...shown, pin: wrong(shown) });
      const reply = await share(end);
      expect([reply.triesLeft, end.judge(reply).kind]).toEqual([triesLeft, 'refused']);
    }
    await expect(pair(shown, gate, account)).rejects.toMatchObject(NOTHING);
    expect(await typesOf()).toEqual(['created', 'pairing_opened', ...Array<string>(3).fill('pairing_tried')]);
  });

  test('are not more for many shares at once', async () => {
    const ends = await Promise.all(Array.from({ length: 8 }, () => deviceEnd(shown)));
    const told = await Promise.allSettled(ends.map((end) => share(end)));
    expect(told.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(3);
    expect(await triesSpent()).toBe(3);
    await expect(share(ends[0]!)).rejects.toMatchObject(NOTHING);
  });

  test('are not given back by a replica that is killed between the try and its answer', async () => {
    const end = await deviceEnd(shown);
    oneWillDie();
    await expect(gate.pairShare({ ...placeOf(shown), ...end.request }, { timeoutMs: GONE_MS })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(oneDied()).toBe(true);
    expect(await triesSpent()).toBe(1);
    const gone = { code: 'UNAVAILABLE', message: 'the replica that held this pairing is gone; open another one' };
    await expect(share(end)).rejects.toMatchObject(gone);
    const other = await open((await world.account()).name); // of the replica that lives
    expect(other.at).not.toBe(shown.at);
    await expect(share(end, shown, { at: other.at })).rejects.toMatchObject(NOTHING);
    await allLive();
    await expect(share(end)).rejects.toMatchObject(gone); // it came back under another name
    expect(JSON.parse(await stored(invitationOf(shown).account))).toMatchObject({
      type: 'pairing_tried',
      state: { pairing: { triesLeft: 2 } },
    });
    expect(await pair(await open(account), gate, account)).toMatchObject({ account });
  });
});

describe('pairing by PIN: whoever passes the messages on', () => {
  beforeEach(opened);

  test('and changes a request in any field spends no try, if it is not what the device could have said', async () => {
    const end = await deviceEnd(shown);
    const elsewhere = await open((await world.account()).name);
    const { request } = end;
    const shares: [object, string][] = [
      [{ id: invitationOf(elsewhere).account }, 'NOT_FOUND'],
      [{ session: elsewhere.session }, 'NOT_FOUND'],
      ...(['share', 'point'] as const).flatMap((field) =>
        badPoints(request[field]).map((point): [object, string] => [{ [field]: point }, 'INVALID_ARGUMENT']),
      ),
      ...['id', 'session', 'share', 'point'].flatMap((field) =>
        MALFORMED.map((value): [object, string] => [{ [field]: value }, 'INVALID_ARGUMENT']),
      ),
      [{ profile: PROFILE }, 'INVALID_ARGUMENT'],
    ];
    for (const [change, code] of shares) await expect(share(end, shown, change)).rejects.toMatchObject({ code });
    expect(await typesOf()).toEqual(['created', 'pairing_opened']);

    const proof = await proofOf(shown, end, gate);
    const proofs: [object, string][] = [
      [{ id: invitationOf(elsewhere).account }, 'NOT_FOUND'],
      [{ session: elsewhere.session }, 'NOT_FOUND'],
      ...['id', 'session', 'confirm'].flatMap((field) =>
        MALFORMED.map((value): [object, string] => [{ [field]: value }, 'INVALID_ARGUMENT']),
      ),
    ];
    for (const [change, code] of proofs)
      await expect(gate.pairConfirm({ ...proof, ...change })).rejects.toMatchObject({ code });
    expect(end.finish(await gate.pairConfirm(proof)).key).toHaveLength(32);
  });

  test('and changes a reply in any field, or sends another one, gives the device no key', async () => {
    const device = await sameDevice(shown);
    const elsewhere = await open((await world.account()).name);
    const reply = await share(device());
    const foreign = await share(await deviceEnd(elsewhere), elsewhere);
    const profiles = [{ type: 'totp' }, { algorithm: 'SHA1' }, { digits: 6 }, { stepSeconds: 60 }, { counter: 1 }];
    const otherProfiles = [...profiles, { t0Seconds: 1 }, { digits: 5 }, { algorithm: 'MD5' }];
    const replies: object[] = [
      foreign,
      ...(['share', 'confirm'] as const).flatMap((field) => [
        { [field]: foreign[field] },
        { [field]: flipped(reply[field], 31) },
        ...MALFORMED.map((value) => ({ [field]: value })),
      ]),
      ...badPoints(reply.share).map((point) => ({ share: point })),
      ...otherProfiles.map((change) => ({ profile: { ...PROFILE, ...change } })),
      ...[null, undefined, {}].map((profile) => ({ profile })),
    ];
    for (const change of replies) expect(judgedBy(device(), { ...reply, ...change })).toBe('refused');

    const end = device();
    const judged = end.judge(reply);
    if (judged.kind === 'refused') throw new Error('refused');
    const made = await gate.pairConfirm({ ...placeOf(shown), ...judged.request });
    const confirmed = (): DeviceEnd<Secret> => {
      const again = device();
      again.judge(reply);
      return again;
    };
    const texts = ['tenant', 'account', 'device', 'point', 'wrapped', 'signature', 'seal'] as const;
    const answers: object[] = [
      ...texts.flatMap((field) => MALFORMED.map((value) => ({ [field]: value }))),
      ...(['point', 'wrapped', 'signature', 'seal'] as const).map((field) => ({ [field]: flipped(made[field], 20) })),
      ...badPoints(made.point).map((point) => ({ point })),
      ...[{ tenant: 'beta' }, { account: '0'.repeat(20) }, { device: '0'.repeat(12) }, { epoch: 2 }, { keyLength: 20 }],
      ...otherProfiles.map((change) => ({ profile: { ...PROFILE, ...change } })),
      { ...(await foreignAnswer(elsewhere)) },
    ];
    for (const change of answers)
      expect(() => confirmed().finish({ ...made, ...change })).toThrow(
        expect.objectContaining({ name: 'PairingError' }),
      );
    expect(confirmed().finish(made).key).toHaveLength(32);
  });

  test('and swaps a point of his own in has nothing made for it', async () => {
    const end = await deviceEnd(shown);
    const mine = beginExchange().point;
    expect(judgedBy(end, await share(end, shown, { point: mine }))).toBe('refused');
    const other = await deviceEnd({ ...shown, pin: wrong(shown) });
    expect(judgedBy(await deviceEnd(shown), await share(other))).toBe('refused');
    expect([await triesSpent(), await devicesOf()]).toEqual([2, []]);
  });

  test('and proves what he cannot know is refused, and the share is done with', async () => {
    const end = await deviceEnd(shown);
    const proof = await proofOf(shown, end, gate);
    await expect(gate.pairConfirm({ ...proof, confirm: flipped(proof.confirm, 0) })).rejects.toMatchObject(OTHERS);
    await expect(gate.pairConfirm(proof)).rejects.toMatchObject(NOTHING);
    expect([await triesSpent(), await devicesOf()]).toEqual([1, []]);
    expect(await pair(shown, gate, account)).toMatchObject({ account });
  });

  test('and says things again, or in another order, gains nothing', async () => {
    const early = { ...placeOf(shown), session: shown.session, confirm: Buffer.alloc(32).toString('base64url') };
    await expect(gate.pairConfirm(early)).rejects.toMatchObject(NOTHING);
    const [first, second] = [await deviceEnd(shown), await deviceEnd(shown)];
    const proof = await proofOf(shown, first, gate);
    const later = await proofOf(shown, second, gate);
    await expect(gate.pairConfirm(proof)).rejects.toMatchObject(OTHERS); // of a share that another took the place of
    await expect(gate.pairConfirm(later)).rejects.toMatchObject(NOTHING);
    const replayed = await share(first); // the last try
    expect(replayed.triesLeft).toBe(0);
    await expect(gate.pairConfirm(proof)).rejects.toMatchObject(OTHERS); // the platform drew anew
    await expect(share(first)).rejects.toMatchObject(NOTHING);
    expect([await triesSpent(), await devicesOf()]).toEqual([3, []]);
  });

  test('and plays the platform to the device, with a PIN of his, is found out and has guessed once', async () => {
    const { tenant, account: id, session, identity } = invitationOf(shown);
    const guessed = { tenant, account: id, session, identity, profile: PROFILE };
    const fake = await openPairing(guessed, drawPin(random, 8), { random, scrypt: nodeScrypt });
    const end = await deviceEnd(shown);
    expect(judgedBy(end, fake.answer(end.request))).toBe('refused');
    expect(await triesSpent()).toBe(0);
  });

  test('and takes a message of one session into another is refused', async () => {
    const elsewhere = await open((await world.account()).name);
    const [end, other] = [await deviceEnd(shown), await deviceEnd({ ...elsewhere, pin: shown.pin })];
    const { share: theirs, point } = other.request;
    expect(judgedBy(other, await share(end, shown, { share: theirs, point }))).toBe('refused');
    const proof = await proofOf(shown, end, gate);
    const { id, at } = placeOf(elsewhere);
    await share(other, elsewhere);
    await expect(
      gate.pairConfirm({ id, at, session: elsewhere.session, confirm: proof.confirm }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(end.finish(await gate.pairConfirm(proof)).key).toHaveLength(32);
  });
});

describe('pairing by PIN: a session', () => {
  beforeEach(opened);

  test('that another took the place of gives nothing, even to who has its PIN and had a try', async () => {
    const end = await deviceEnd(shown);
    const proof = await proofOf(shown, end, gate);
    const next = await open(account);
    await expect(gate.pairConfirm(proof)).rejects.toMatchObject(NOTHING);
    await expect(pair(shown, gate, account)).rejects.toMatchObject(NOTHING);
    expect(await pair(next, gate, account)).toMatchObject({ account });
  });

  test('is not opened more than ten times in an hour', async () => {
    for (let opened = 1; opened < 10; opened += 1) shown = await open(account);
    await expect(open(account)).rejects.toMatchObject({ code: 'LIMIT' });
    expect(await pair(shown, gate, account)).toMatchObject({ account });
  });
});

/** `refused`, too, for what the device takes for no reply at all. */
function judgedBy(end: DeviceEnd<Secret>, reply: unknown): 'confirmed' | 'refused' {
  try {
    return end.judge(reply as never).kind;
  } catch (error) {
    expect(error).toMatchObject({ name: 'PairingError' });
    return 'refused';
  }
}

/** What the HSM answered to another device that paired. */
async function foreignAnswer(of: Shown): Promise<object> {
  return gate.pairConfirm(await proofOf(of, await deviceEnd(of), gate));
}
