import { describe, expect, test } from '@jest/globals';
import { newAccount, type AccountState } from '@countersign/account';
import { DEFAULT_POLICY, parseDeviceId, type Profile } from '@countersign/contracts';
import { budgetsView, deviceViews } from './account-view.js';

const NOW = 1_700_000_000_000;
const profile: Profile = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 };

const withDevices = (devices: AccountState['devices']): AccountState => ({ ...newAccount(), devices });
const device = (id: string, rest: object) => ({
  id: parseDeviceId(id.repeat(12)),
  type: 'totp' as const,
  epoch: 1,
  record: 4,
  floor: 0,
  status: 'active' as const,
  ...rest,
});

describe('what an enroller sees of an account', () => {
  test('its devices with their profiles, without those that waited too long', async () => {
    const state = withDevices([
      device('1', { record: 11, namedOnly: true }),
      device('2', { record: 12, status: 'pending', expiresAt: NOW + 1, firstUse: true }),
      device('4', { record: 14, next: { epoch: 2, record: 15, expiresAt: NOW + 1 } }),
      device('3', { record: 13, status: 'pending', expiresAt: NOW }),
    ]);
    const read: number[] = [];
    const policy = { ...DEFAULT_POLICY, rekeyDays: 10 };
    const views = await deviceViews({ state, sequence: 20 }, NOW, policy, (sequence) => {
      read.push(sequence);
      return Promise.resolve({ profile, at: NOW - (sequence === 11 ? 10 : 9) * 24 * 3600 * 1000 });
    });
    expect(views).toEqual([
      { device: '1'.repeat(12), status: 'active', epoch: 1, profile, namedOnly: true, rekeyDue: true },
      {
        ...{ device: '2'.repeat(12), status: 'pending', epoch: 1, profile, namedOnly: false, expiresAt: NOW + 1 },
        firstUse: true,
      },
      {
        ...{ device: '4'.repeat(12), status: 'active', epoch: 1, profile, namedOnly: false },
        next: { epoch: 2, expiresAt: NOW + 1 },
      },
    ]);
    expect(read).toEqual([11, 12, 14]);
  });

  test('its budgets: open, closed for a while, closed until an operator opens them', () => {
    expect(budgetsView(newAccount(), NOW, DEFAULT_POLICY)).toEqual({ known: { wrong: 0 }, unknown: { wrong: 0 } });
    const state = { ...newAccount(), known: { wrong: 4, at: NOW }, unknown: { wrong: 5, at: NOW - 10_000 } };
    expect(budgetsView(state, NOW, DEFAULT_POLICY)).toEqual({
      known: { wrong: 4 },
      unknown: { wrong: 5, closedUntil: NOW + 20_000 },
    });
    const closed = { ...newAccount(), unknown: { wrong: 100, at: 0 } };
    expect(budgetsView(closed, NOW, DEFAULT_POLICY).unknown).toEqual({ wrong: 100, closedUntil: 'operator' });
  });
});
