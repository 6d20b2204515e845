import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_RULES } from '@countersign/account';
import { DEFAULT_POLICY, Failure, parseTenant, type PolicyHistoryEntry } from '@countersign/contracts';
import { Policies } from './index.js';

const acme = parseTenant('acme');
const beta = parseTenant('beta');
const decided = (version: number): PolicyHistoryEntry => ({ version, policy: DEFAULT_POLICY, at: 1, by: 'ops' });

let nowMs: number;
let reads: string[];
let answer: () => Promise<PolicyHistoryEntry | undefined>;
let policies: Policies;

beforeEach(() => {
  nowMs = 1000;
  reads = [];
  answer = async () => decided(3);
  const policy = (tenant: string) => (reads.push(tenant), answer());
  policies = new Policies({ policy }, () => nowMs);
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the policy in force', () => {
  test('is the default until one is decided', async () => {
    answer = async () => undefined;
    expect(await policies.of(acme)).toBe(DEFAULT_RULES);
  });

  test('is read once for all who ask within two seconds, for each tenant', async () => {
    const [first] = await Promise.all([policies.of(acme), policies.of(acme), policies.of(beta)]);
    nowMs += 1999;
    expect(await policies.of(acme)).toBe(first);
    expect(reads).toEqual(['acme', 'beta']);
  });

  test('is read again beside the road after two seconds', async () => {
    await policies.of(acme);
    answer = async () => decided(8);
    nowMs += 2000;
    expect((await policies.of(acme)).version).toBe(3);
    await turn();
    expect((await policies.of(acme)).version).toBe(8);
  });

  test('that was read four seconds ago is not used: a change is in force within five', async () => {
    await policies.of(acme);
    answer = async () => decided(8);
    nowMs += 4000;
    expect((await policies.of(acme)).version).toBe(8);
  });

  test('is UNAVAILABLE when it cannot be read again, and found again later', async () => {
    await policies.of(acme);
    answer = () => Promise.reject(new Failure('UNAVAILABLE'));
    nowMs += 3000;
    expect((await policies.of(acme)).version).toBe(3);
    nowMs += 1000;
    await expect(policies.of(acme)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer = async () => decided(8);
    expect((await policies.of(acme)).version).toBe(8);
  });

  test('is as old as its question, not as its answer', async () => {
    let reply: (entry: PolicyHistoryEntry) => void = () => undefined;
    answer = () => new Promise((resolve) => (reply = resolve));
    const asked = policies.of(acme);
    nowMs += 4000;
    reply(decided(3));
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer = async () => decided(8);
    expect((await policies.of(acme)).version).toBe(8);
  });

  test('never goes back: a leader that was deposed says nothing', async () => {
    answer = async () => decided(8);
    await policies.of(acme);
    nowMs += 3000;
    for (const earlier of [decided(3), undefined]) {
      answer = async () => earlier;
      expect((await policies.of(acme)).version).toBe(8);
      await turn();
    }
    expect((await policies.of(acme)).version).toBe(8);
    nowMs += 1000;
    await expect(policies.of(acme)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer = async () => decided(8);
    expect((await policies.of(acme)).version).toBe(8);
  });
});
