import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { moved, newAccount } from '@countersign/account';
import {
  DEFAULT_POLICY,
  Failure,
  parseAccountId,
  parseCaller,
  parseTenant,
  type Policy,
  type ProvisionReply,
} from '@countersign/contracts';
import { parseInvitation, type ActivateInvitation } from '@countersign/pairing';
import { SystemRandom } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import type { KeyService } from '../devices/key-service.js';
import { NewDevices } from '../devices/new-devices.js';
import { Plans } from '../devices/plans.js';
import type { TenantPolicy } from '../policy/tenant-policy.js';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { IssueActivation } from './issue-activation.js';
import { RedeemActivation } from './redeem-activation.js';

const NOW = 1_700_000_000_000;
const tenant = parseTenant('acme');
const id = parseAccountId('0'.repeat(20));
const desk = { tenant, caller: parseCaller('desk') };
const gateway = { tenant, caller: parseCaller('gate') };
const waiting = { remainingMs: () => 5000 };
const IDENTITY = Buffer.alloc(32, 1).toString('base64url');
/** The generator of P-256 (SEC 2 section 2.4.2). */
const POINT = Buffer.from(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
).toString('base64url');
const made: ProvisionReply = { reference: 'd1.r', point: POINT, wrapped: 'AA', keyLength: 20, signature: 'AA' };
const notFound = { code: 'NOT_FOUND', message: 'this invitation cannot be used, or not any more; ask for another one' };

let memory: MemoryLedger;
let policy: Policy;
let now: number;
/** keys that the HSM made */
let keys: number;
/** runs while the HSM makes a key */
let making: () => Promise<void> | void;
let issuing: IssueActivation;
let redeeming: RedeemActivation;

beforeEach(() => {
  [memory, policy, now, keys, making] = [new MemoryLedger(), DEFAULT_POLICY, NOW, 0, () => undefined];
  memory.accounts.set(`acme.${id}`, { state: newAccount(), sequence: (memory.sequence += 1) });
  memory.names.set('acme.ada', { id, sequence: 1 });
  const { ledger, directory, lists, tenants } = memory;
  const [clock, random] = [{ now: () => now }, new SystemRandom()];
  const keyService: Partial<KeyService> = {
    provision: async () => {
      await making();
      keys += 1;
      return made;
    },
  };
  const tenantPolicy = { now: () => Promise.resolve({ version: 0, policy }) } as unknown as TenantPolicy;
  const devices = new NewDevices(ledger, clock);
  const fresh = new FreshKeys(keyService as KeyService, devices);
  const publicKeys = { identity: IDENTITY } as never;
  const plans = new Plans(devices, tenantPolicy, random);
  const accounts = new Accounts(ledger, directory, lists, tenants);
  issuing = new IssueActivation(accounts, ledger, plans, publicKeys, clock, random);
  redeeming = new RedeemActivation(ledger, fresh, devices, plans, clock);
});

async function issue(rest: object = {}): Promise<ActivateInvitation> {
  const { invitation } = await issuing.issue(desk, { account: 'ada', type: 'totp', ...rest }, waiting);
  return parseInvitation(invitation) as ActivateInvitation;
}
const tokenOf = ({ token }: ActivateInvitation): string => Buffer.from(token.reveal()).toString('base64url');
const redeem = (token: string, rest: object = {}) =>
  redeeming.redeem(gateway, { id, token, point: POINT, ...rest }, waiting);
const state = () => memory.accounts.get(`acme.${id}`)!.state;
const sequence = () => memory.accounts.get(`acme.${id}`)!.sequence;

describe('an invitation', () => {
  test('says whose account and which platform, and ends when the policy says', async () => {
    policy = { ...DEFAULT_POLICY, activationMinutes: 3 };
    const answer = await issuing.issue(desk, { account: 'ada', type: 'totp' }, waiting);
    expect(answer).toMatchObject({ expiresAt: NOW + 180_000, sequence: sequence() });
    const { tenant: of, account, identity } = parseInvitation(answer.invitation);
    expect([of, account, identity]).toEqual(['acme', id, IDENTITY]);
  });

  test('leaves no token behind: the ledger knows half a digest of it', async () => {
    const token = (await issue()).token.reveal();
    const written = JSON.stringify(state());
    expect(written).not.toContain(Buffer.from(token).toString('base64url'));
    const digest = createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
    expect(state().activations).toMatchObject([{ status: 'open', digest, expiresAt: NOW + 600_000 }]);
  });

  test('is refused where no such device could be added', async () => {
    policy = { ...DEFAULT_POLICY, minDigits: 8 };
    await expect(issue()).rejects.toMatchObject({ code: 'LIMIT' });
    memory.accounts.set(`acme.${id}`, { state: { ...newAccount(), frozen: true }, sequence: 9 });
    await expect(issue({ digits: 8 })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(state().activations).toBeUndefined();
  });
});

describe('a token', () => {
  test('brings the device that was meant, waiting for its first code', async () => {
    const token = tokenOf(await issue({ type: 'hotp', algorithm: 'SHA256', digits: 8, counter: 7, namedOnly: true }));
    const answer = await redeem(token);
    const profile = { type: 'hotp', algorithm: 'SHA256', digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 7 };
    expect(answer).toMatchObject({ tenant: 'acme', account: id, epoch: 1, profile, expiresAt: NOW + 900_000 });
    const { device } = answer;
    expect(state().devices).toMatchObject([{ id: device, status: 'pending', floor: 7, namedOnly: true }]);
    expect(memory.records).toMatchObject([{ device, method: 'activation', by: 'gate' }]);
  });

  test('is spent in the ledger before the HSM is asked', async () => {
    const token = tokenOf(await issue());
    let status: string | undefined;
    making = () => void (status = state().activations?.[0]?.status);
    await redeem(token);
    expect(status).toBe('used');
  });

  test('is worth one device when it is brought in parallel', async () => {
    policy = { ...DEFAULT_POLICY, onTokenReuse: 'tell' };
    const token = tokenOf(await issue());
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => redeem(token)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject(notFound);
    expect([keys, state().devices.length]).toEqual([1, 1]);
  });

  test('does nothing a second time, and what the first made is gone', async () => {
    const token = tokenOf(await issue());
    await redeem(token);
    await expect(redeem(token)).rejects.toMatchObject(notFound);
    expect(state().devices).toMatchObject([{ status: 'revoked' }]);
    expect(keys).toBe(1);
  });

  test('brought a second time while the first use makes its key, ends that one, too', async () => {
    const token = tokenOf(await issue());
    making = () => expect(redeem(token)).rejects.toMatchObject(notFound);
    await expect(redeem(token)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(state().devices).toEqual([]);
  });

  test('of an account that is not there, of another one, superseded, late or unknown: one answer, and nothing is written', async () => {
    const superseded = tokenOf(await issue());
    const token = tokenOf(await issue());
    const before = memory.sequence;
    const other = parseTenant('beta');
    const attempts = [
      redeem(superseded),
      redeem(Buffer.alloc(16, 3).toString('base64url')),
      redeem(token, { id: '1'.repeat(20) }),
      redeeming.redeem({ ...gateway, tenant: other }, { id, token, point: POINT }, waiting),
    ];
    for (const each of attempts) await expect(each).rejects.toMatchObject(notFound);
    now = NOW + 600_000;
    await expect(redeem(token)).rejects.toMatchObject(notFound);
    expect([memory.sequence, keys]).toEqual([before, 0]);
  });

  test.each([
    [
      'a point that is none',
      () => redeem(token, { point: Buffer.alloc(65, 4).toString('base64url') }),
      'INVALID_ARGUMENT',
    ],
    ['digits that are not allowed any more', () => ((policy = { ...policy, minDigits: 8 }), redeem(token)), 'LIMIT'],
    ['an account that froze', () => (freeze(), redeem(token)), 'CONFLICT'],
    [
      'a caller that has no time',
      () => redeeming.redeem(gateway, { id, token, point: POINT }, { remainingMs: () => 900 }),
      'UNAVAILABLE',
    ],
  ])('is not spent by %s', async (_what, attempt, code) => {
    token = tokenOf(await issue());
    await expect(attempt()).rejects.toMatchObject({ code });
    expect(state().activations).toMatchObject([{ status: 'open' }]);
  });
  let token: string;
  const freeze = () => memory.accounts.set(`acme.${id}`, { state: { ...state(), frozen: true }, sequence: 50 });

  test('stays spent when no key could be made', async () => {
    const token = tokenOf(await issue());
    making = () => {
      throw new Failure('UNAVAILABLE');
    };
    await expect(redeem(token)).rejects.toMatchObject({ code: 'CONFLICT' });
    making = () => undefined;
    await expect(redeem(token)).rejects.toMatchObject(notFound);
    expect([keys, state().devices]).toEqual([0, []]);
  });

  test('is spent where somebody else wrote between', async () => {
    const token = tokenOf(await issue());
    let first = true;
    memory.meanwhile = () => {
      if (!first) return;
      first = false;
      const next = { ...state(), names: 5 };
      memory.accounts.set(`acme.${id}`, { state: next, sequence: (memory.sequence += 1) });
    };
    await redeem(token);
    expect(state()).toMatchObject({ names: 5, activations: [{ status: 'used' }], devices: [{ status: 'pending' }] });
  });
});

test('a confirmed device is disabled by a second use, and an operator can give it back', async () => {
  const token = tokenOf(await issue());
  const { device } = await redeem(token);
  const confirmed = {
    ...state(),
    devices: state().devices.map(({ expiresAt: _, ...rest }) => ({ ...rest, status: 'active' as const })),
  };
  memory.accounts.set(`acme.${id}`, { state: confirmed, sequence: (memory.sequence += 1) });
  await expect(redeem(token)).rejects.toMatchObject(notFound);
  expect(state().devices).toMatchObject([{ id: device, status: 'disabled' }]);
  const back = moved({ state: state(), sequence: 1 }, 'enabled', device as never, { by: 'ops', at: now });
  expect(back?.state.devices).toMatchObject([{ status: 'active' }]);
});
