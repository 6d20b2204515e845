import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, parseCaller, parseTenant, type PolicyHistoryEntry } from '@countersign/contracts';
import type { Appended, Ledger } from '@countersign/ledger';
import { TenantPolicy } from './tenant-policy.js';

const NOW = 1_700_000_000_000;
const tenant = parseTenant('acme');
const ops = { tenant, caller: parseCaller('ops') };
const waiting = { remainingMs: () => 1000 };

let decided: PolicyHistoryEntry[];
let policy: TenantPolicy;

/** Policies in memory, with the ledger's comparison. */
beforeEach(() => {
  decided = [];
  const ledger: Partial<Ledger> = {
    policy: async () => decided.at(-1),
    policyAfter: async (_tenant, after) => decided.find(({ version }) => version > after),
    decidePolicy: async (_tenant, event, after): Promise<Appended> => {
      const last = decided.at(-1)?.version ?? 0;
      if (last !== after) return { kind: 'conflict', last };
      decided.push({ ...event, version: last + 5 });
      return { kind: 'stored', sequence: last + 5 };
    },
  };
  policy = new TenantPolicy(ledger as Ledger, { now: () => NOW });
});

describe("a tenant's policy", () => {
  test('is the default, of version 0, until one is decided', async () => {
    expect(await policy.now(tenant)).toEqual({ version: 0, policy: DEFAULT_POLICY });
  });

  test('changes what is named and keeps the rest, and its history says who and when', async () => {
    await policy.decide(ops, { version: 0, freeAttempts: 3 }, waiting);
    await policy.decide(ops, { version: 5, minDigits: 8 }, waiting);
    const now = { ...DEFAULT_POLICY, freeAttempts: 3, minDigits: 8 };
    expect(await policy.now(tenant)).toEqual({ version: 10, policy: now });
    expect(await policy.history(tenant)).toEqual({
      policies: [
        { version: 5, at: NOW, by: 'ops', policy: { ...DEFAULT_POLICY, freeAttempts: 3 } },
        { version: 10, at: NOW, by: 'ops', policy: now },
      ],
      next: 10,
      more: false,
    });
  });

  test('is changed once by two who read the same version', async () => {
    const both = [3, 4].map((freeAttempts) => policy.decide(ops, { version: 0, freeAttempts }, waiting));
    const [first, second] = await Promise.allSettled(both);
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'CONFLICT' } });
    await expect(policy.decide(ops, { version: 0 }, waiting)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(decided).toHaveLength(1);
  });

  test('whose first wait is longer than the longest is refused', async () => {
    const request = { version: 0, firstDelayMs: 60_000, longestDelayMs: 30_000 };
    await expect(policy.decide(ops, request, waiting)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('has its history in pages of fifty', async () => {
    for (let version = 0; version < 51 * 5; version += 5) await policy.decide(ops, { version }, waiting);
    const page = await policy.history(tenant);
    expect([page.policies.length, page.next, page.more]).toEqual([50, 250, true]);
    const rest = await policy.history(tenant, page.next);
    expect([rest.policies.length, rest.next, rest.more]).toEqual([1, 255, false]);
  });
});
