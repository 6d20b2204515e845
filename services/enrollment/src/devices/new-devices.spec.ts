import { beforeEach, describe, expect, test } from '@jest/globals';
import { newAccount, unlocked, type AccountState } from '@countersign/account';
import {
  DEFAULT_POLICY,
  MAX_DEVICES,
  parseAccountId,
  parseCaller,
  parseDeviceId,
  parseTenant,
  type Profile,
} from '@countersign/contracts';
import type { OpenAccount } from '../accounts/accounts.js';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { NewDevices, type Plan } from './new-devices.js';

const NOW = 1_700_000_000_000;
const tenant = parseTenant('acme');
const id = parseAccountId('0'.repeat(20));
const waiting = { remainingMs: () => 1000 };
const deviceId = (index: number) => parseDeviceId(index.toString(16).padStart(12, '0'));
const profile: Profile = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 7 };
const plan: Plan = {
  id: deviceId(1),
  method: 'exchange',
  profile,
  status: 'pending',
  namedOnly: false,
  by: parseCaller('desk'),
  policy: DEFAULT_POLICY,
};

describe('a new device', () => {
  let memory: MemoryLedger;
  let devices: NewDevices;
  beforeEach(() => {
    memory = new MemoryLedger();
    devices = new NewDevices(memory.ledger, { now: () => NOW });
  });

  function accountWith(state: Partial<AccountState> = {}): OpenAccount {
    const standing = { state: { ...newAccount(), ...state }, sequence: (memory.sequence += 1) };
    memory.accounts.set(`acme.${id}`, standing);
    return { tenant, id, reading: standing };
  }
  const many = (count: number): AccountState['devices'] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ id: deviceId(index + 100), type: 'totp', status: 'active', epoch: 1, record: 1, floor: 0, namedOnly: true },
    }));

  test('is pending, from its first counter on, and named by its record', async () => {
    const kept = await devices.keep(accountWith(), plan, 'd1.reference', waiting);
    expect(memory.records).toEqual([
      {
        type: 'record',
        v: 1,
        device: plan.id,
        epoch: 1,
        method: 'exchange',
        profile,
        reference: 'd1.reference',
        at: NOW,
        by: 'desk',
      },
    ]);
    expect(kept.device).toEqual({
      ...{ id: plan.id, type: 'hotp', status: 'pending', epoch: 1, record: 2, floor: 7 },
      expiresAt: NOW + 15 * 60_000,
    });
    expect(kept.sequence).toBe(3);
  });

  test('with a time-based code begins at 0, and imported for use at once is active', async () => {
    const totp: Plan = { ...plan, method: 'import', status: 'active', profile: { ...profile, type: 'totp' } };
    const { device } = await devices.keep(accountWith(), totp, 's1.reference', waiting);
    expect(device).toMatchObject({ status: 'active', floor: 0 });
    expect(device.expiresAt).toBeUndefined();
  });

  test.each([
    { name: 'an account that is full', state: { devices: many(MAX_DEVICES) }, code: 'LIMIT' },
    { name: 'an account that is frozen', state: { frozen: true as const }, code: 'CONFLICT' },
    { name: 'an id that is taken', state: { devices: [{ ...many(1)[0]!, id: plan.id }] }, code: 'CONFLICT' },
  ])('is refused before a key is made: $name', ({ state, code }) => {
    expect(() => devices.admit(accountWith(state), plan)).toThrow(expect.objectContaining({ code }));
    expect(memory.records).toEqual([]);
  });

  test('is refused where it shows fewer digits than the tenant allows', () => {
    const policy = { ...DEFAULT_POLICY, minDigits: 8 };
    expect(() => devices.admit(accountWith(), { ...plan, policy })).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    expect(() => devices.admit(accountWith(), { ...plan, policy, profile: { ...profile, digits: 8 } })).not.toThrow();
  });

  test('is refused at the append when the account filled up meanwhile, and its record is void', async () => {
    const account = accountWith({ devices: many(MAX_DEVICES - 1) });
    devices.admit(account, plan);
    accountWith({ devices: many(MAX_DEVICES) });
    await expect(devices.keep(account, plan, 'd1.reference', waiting)).rejects.toMatchObject({ code: 'LIMIT' });
    expect(memory.accounts.get(`acme.${id}`)?.state.devices).toHaveLength(MAX_DEVICES);
  });

  test('is added to what another one changed meanwhile', async () => {
    const account = accountWith({ unknown: { wrong: 3, at: NOW } });
    let first = true;
    memory.meanwhile = () => {
      if (!first) return;
      first = false;
      const { state } = unlocked(account.reading, { by: 'ops', at: NOW });
      memory.accounts.set(`acme.${id}`, { state, sequence: (memory.sequence += 1) });
    };
    await devices.keep(account, plan, 'd1.reference', waiting);
    const { state } = memory.accounts.get(`acme.${id}`)!;
    expect(state.unknown).toBeUndefined();
    expect(state.devices).toHaveLength(1);
  });
});
