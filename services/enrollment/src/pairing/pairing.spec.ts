import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { newAccount } from '@countersign/account';
import {
  DEFAULT_POLICY,
  Failure,
  parseAccountId,
  parseCaller,
  parseTenant,
  type Asker,
  type OpenPairingReply,
  type Policy,
  type ProvisionReply,
  type ProvisionRequest,
} from '@countersign/contracts';
import {
  PlatformEnd,
  beginExchange,
  beginPairing,
  enrolmentMessage,
  fromBase64url,
  keyEncryptionKey,
  makeEphemeral,
  parseInvitation,
  readPin,
  toBase64url,
  transcriptHash,
  wrapKey,
  type PairInvitation,
  type Scrypt,
} from '@countersign/pairing';
import { Secret, SystemRandom } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import type { KeyService } from '../devices/key-service.js';
import { NewDevices } from '../devices/new-devices.js';
import { Plans } from '../devices/plans.js';
import type { TenantPolicy } from '../policy/tenant-policy.js';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { OpenPairing } from './open-pairing.js';
import { PairDevice } from './pair-device.js';
import { Sessions } from './sessions.js';

const NOW = 1_700_000_000_000;
const tenant = parseTenant('acme');
const id = parseAccountId('0'.repeat(20));
const desk = { tenant, caller: parseCaller('desk') };
const gate: Asker = { tenant, caller: parseCaller('gate') };
const waiting = { remainingMs: () => 5000 };
const random = new SystemRandom();
const signer = generateKeyPairSync('ed25519');
/** scrypt is shown elsewhere; here a hash does. */
const scrypt: Scrypt = async (password, _salt, _cost, lengthBytes) =>
  createHash('shake256', { outputLength: lengthBytes }).update(password).digest();
const KEY = Buffer.alloc(20, 7);
const notFound = { code: 'NOT_FOUND', message: 'this pairing cannot be used, or not any more; open another one' };

let memory: MemoryLedger;
let policy: Policy;
let now: number;
/** what the account had of a session while the HSM made a key */
let provisioned: unknown[];
let making: () => Promise<void> | void;
let opening: OpenPairing;
let pairing: PairDevice;

beforeEach(() => {
  jest.restoreAllMocks();
  [memory, policy, now, provisioned, making] = [new MemoryLedger(), DEFAULT_POLICY, NOW, [], () => undefined];
  memory.accounts.set(`acme.${id}`, { state: newAccount(), sequence: (memory.sequence += 1) });
  memory.names.set('acme.ada', { id, sequence: 1 });
  const { ledger, directory, lists, tenants } = memory;
  const clock = { now: () => now };
  const provision = async (request: ProvisionRequest): Promise<ProvisionReply> => {
    provisioned.push(state().pairing);
    await making();
    return answered(request);
  };
  const tenantPolicy = { now: () => Promise.resolve({ version: 0, policy }) } as unknown as TenantPolicy;
  const devices = new NewDevices(ledger, clock);
  const plans = new Plans(devices, tenantPolicy, random);
  const fresh = new FreshKeys({ provision } as unknown as KeyService, devices);
  const publicKeys = { identity: signer.publicKey.export({ format: 'jwk' }).x! } as never;
  const sessions = new Sessions(clock);
  const accounts = new Accounts(ledger, directory, lists, tenants);
  opening = new OpenPairing(accounts, ledger, plans, sessions, publicKeys, 'r1', clock, random, scrypt);
  pairing = new PairDevice(ledger, fresh, plans, sessions, clock);
});

/** What an HSM answers, from the same library's parts: its own tests compare those with others'. */
function answered({ point, ...parameters }: ProvisionRequest): ProvisionReply {
  const hsm = makeEphemeral(random);
  const theirs = fromBase64url(point, 'point');
  const transcript = transcriptHash('enrol', parameters, theirs, hsm.point);
  const wrapped = wrapKey(keyEncryptionKey(hsm.agree(theirs), transcript), new Secret(KEY));
  const signature = sign(null, enrolmentMessage(transcript, wrapped), signer.privateKey);
  const text = { point: toBase64url(hsm.point), wrapped: toBase64url(wrapped), signature: toBase64url(signature) };
  return { ...text, reference: 'd1.r', keyLength: KEY.length };
}

const state = () => memory.accounts.get(`acme.${id}`)!.state;
const sequence = () => memory.accounts.get(`acme.${id}`)!.sequence;
const open = () => opening.open(desk, { account: 'ada', type: 'totp' }, waiting);
async function device({ invitation, pin }: Pick<OpenPairingReply, 'invitation' | 'pin'>) {
  const parts = { random, exchange: beginExchange(), scrypt };
  return beginPairing(parseInvitation(invitation) as PairInvitation, readPin(pin), parts);
}
type Device = Awaited<ReturnType<typeof device>>;
const share = (end: Device, by = gate, rest: object = {}) =>
  pairing.share(by, { id, ...end.request, ...rest }, waiting);
const confirm = (session: string, proof: string) => pairing.confirm(gate, { id, session, confirm: proof }, waiting);
/** The device's proof for what it was answered. */
function proof(end: Device, reply: Awaited<ReturnType<typeof share>>): string {
  const judged = end.judge(reply);
  if (judged.kind === 'refused') throw new Error('refused');
  return judged.request.confirm;
}
const wrong = ({ pin }: OpenPairingReply): string => `${(Number(pin[0]) + 1) % 10}${pin.slice(1)}`;

test('a device that knows the PIN gets its key, pending, and the session is over', async () => {
  const opened = await open();
  expect(opened).toMatchObject({
    at: 'r1',
    pin: expect.stringMatching(/^\d{6}$/),
    triesLeft: 3,
    expiresAt: NOW + 120_000,
  });
  const end = await device(opened);
  const reply = await share(end);
  expect(reply.triesLeft).toBe(2);
  const made = await confirm(opened.session, proof(end, reply));
  expect(end.finish(made).key.reveal()).toEqual(KEY);
  expect(made).toMatchObject({ account: id, expiresAt: NOW + 900_000, sequence: sequence() });
  expect(state().devices).toMatchObject([{ id: made.device, status: 'pending', paired: true }]);
  expect(memory.records).toMatchObject([{ device: made.device, method: 'pin', by: 'gate' }]);
  await expect(share(end)).rejects.toMatchObject(notFound);
});

describe('what is spent, is spent in the ledger before anything is told', () => {
  test('a try before a share is looked at, the session before a key is made', async () => {
    const left: unknown[] = [];
    const answer = PlatformEnd.prototype.answer;
    jest.spyOn(PlatformEnd.prototype, 'answer').mockImplementation(function (this: PlatformEnd, request) {
      left.push(state().pairing?.triesLeft);
      return answer.call(this, request);
    });
    const opened = await open();
    const end = await device(opened);
    await confirm(opened.session, proof(end, await share(end)));
    expect([left, provisioned]).toEqual([[2], [undefined]]);
  });

  test('what cannot be written is not looked at', async () => {
    const opened = await open();
    const end = await device(opened);
    const answer = jest.spyOn(PlatformEnd.prototype, 'answer');
    memory.meanwhile = () => Promise.reject(new Failure('OUTCOME_UNKNOWN'));
    await expect(share(end)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(answer).not.toHaveBeenCalled();
    memory.meanwhile = () => undefined;
    const sent = proof(end, await share(end));
    memory.meanwhile = () => Promise.reject(new Failure('UNAVAILABLE'));
    await expect(confirm(opened.session, sent)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(provisioned).toEqual([]);
    await expect(confirm(opened.session, sent)).rejects.toMatchObject(notFound);
  });

  test('a session whose opening is not written tells no PIN', async () => {
    memory.meanwhile = () => Promise.reject(new Failure('UNAVAILABLE'));
    await expect(open()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a wrong PIN', () => {
  test('costs its try each time; after the last the right one does not help', async () => {
    const opened = await open();
    const guess = { ...opened, pin: wrong(opened) };
    for (const triesLeft of [2, 1, 0]) {
      const end = await device(guess);
      const reply = await share(end);
      expect([reply.triesLeft, end.judge(reply)]).toEqual([triesLeft, { kind: 'refused' }]);
    }
    const before = sequence();
    await expect(share(await device(opened))).rejects.toMatchObject(notFound);
    expect([sequence(), provisioned]).toEqual([before, []]);
  });

  test('proves nothing, and its share is done with', async () => {
    const opened = await open();
    const end = await device(opened);
    const sent = proof(end, await share(end));
    const forged = toBase64url(random.bytes(32));
    await expect(confirm(opened.session, forged)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(confirm(opened.session, sent)).rejects.toMatchObject(notFound);
    const again = await device(opened);
    expect(await confirm(opened.session, proof(again, await share(again)))).toHaveProperty('seal');
  });
});

describe('a session', () => {
  test('gives nothing to another account, tenant or session, which writes nothing', async () => {
    const opened = await open();
    const end = await device(opened);
    memory.accounts.set(`beta.${id}`, { state: newAccount(), sequence: (memory.sequence += 1) });
    const before = memory.sequence;
    const beta = { ...gate, tenant: parseTenant('beta') };
    await expect(share(end, beta)).rejects.toMatchObject(notFound);
    await expect(share(end, gate, { id: '1'.repeat(20) })).rejects.toMatchObject(notFound);
    await expect(share(end, gate, { session: '0'.repeat(16) })).rejects.toMatchObject(notFound);
    await expect(confirm(opened.session, toBase64url(random.bytes(32)))).rejects.toMatchObject(notFound);
    expect(memory.sequence).toBe(before);
  });

  test('ends with its time, by the clock, though the memory of it may last', async () => {
    const opened = await open();
    const [one, two] = [await device(opened), await device(opened)];
    now += 119_999;
    const sent = proof(one, await share(one));
    now += 1;
    await expect(share(two)).rejects.toMatchObject(notFound);
    await expect(confirm(opened.session, sent)).rejects.toMatchObject(notFound);
    expect(provisioned).toEqual([]);
  });

  test('ends with the next one, here or at another replica', async () => {
    const first = await open();
    const end = await device(first);
    const sent = proof(end, await share(end));
    memory.accounts.get(`acme.${id}`)!.state.pairing = { session: '1'.repeat(16), expiresAt: NOW + 1, triesLeft: 3 };
    await expect(share(await device(first))).rejects.toMatchObject(notFound);
    await open();
    await expect(confirm(first.session, sent)).rejects.toMatchObject(notFound);
  });

  test.each(['share', 'point'])('costs no try for a %s that is no point', async (field) => {
    const end = await device(await open());
    for (const other of [toBase64url(Buffer.alloc(65, 4)), toBase64url(Buffer.from([2, ...Buffer.alloc(64, 1)]))])
      await expect(share(end, gate, { [field]: other })).rejects.toMatchObject({
        ...{ code: 'INVALID_ARGUMENT', fields: [expect.objectContaining({ field })] },
      });
    expect(state().pairing?.triesLeft).toBe(3);
  });

  test('is refused before scrypt where no device could come of it', async () => {
    policy = { ...DEFAULT_POLICY, minDigits: 8 };
    await expect(open()).rejects.toMatchObject({ code: 'LIMIT' });
    policy = { ...DEFAULT_POLICY, pairingsPerHour: 1 };
    await open();
    const before = sequence();
    await expect(open()).rejects.toMatchObject({ code: 'LIMIT' });
    expect(sequence()).toBe(before);
  });
});

describe('when the PIN was right', () => {
  test('and no key came of it, the session is over all the same', async () => {
    making = () => Promise.reject(new Failure('UNAVAILABLE'));
    const opened = await open();
    const end = await device(opened);
    const sent = proof(end, await share(end));
    await expect(confirm(opened.session, sent)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(confirm(opened.session, sent)).rejects.toMatchObject(notFound);
    expect(state()).not.toHaveProperty('pairing');
  });

  test('but the account has its devices meanwhile, all is as it was', async () => {
    const opened = await open();
    const end = await device(opened);
    const sent = proof(end, await share(end));
    policy = { ...DEFAULT_POLICY, minDigits: 8 };
    await expect(confirm(opened.session, sent)).rejects.toMatchObject({ code: 'LIMIT' });
    policy = DEFAULT_POLICY;
    expect(await confirm(opened.session, sent)).toHaveProperty('seal');
  });

  test('a proof that is sent many times at once makes one device', async () => {
    const opened = await open();
    const end = await device(opened);
    const sent = proof(end, await share(end));
    const told = await Promise.allSettled([1, 2, 3, 4].map(() => confirm(opened.session, sent)));
    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(state().devices).toHaveLength(1);
  });
});

test('a frozen account pairs nothing', async () => {
  const opened = await open();
  const end = await device(opened);
  state().frozen = true;
  await expect(share(end)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(open()).rejects.toMatchObject({ code: 'CONFLICT' });
});
