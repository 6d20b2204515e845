import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keptLog } from '@countersign/bus/testing';
import { parseTenant, type TakenNote } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { Limits, RecipientDigest } from './limits.js';
import { RecentFile } from './recent-file.js';
import { Recent } from './recent.js';

const HOUR_MS = 3_600_000;
const START = 1_800_000_000_000;
let now = START;
const clock = { now: () => now };
let drawn = 0;
const note = (change: Partial<TakenNote> = {}): TakenNote => {
  const id = (drawn += 1).toString(16).padStart(30, '0');
  return { id, tenant: 'acme', recipient: 'A'.repeat(22), at: now, ...change };
};
const of = (recipient: string): Partial<TakenNote> => ({ recipient: recipient.repeat(22) });

let recent: Recent;
let limits: Limits;
beforeEach(() => {
  now = START;
  recent = new Recent(clock);
  limits = new Limits(recent, { perRecipient: 3, perTenant: 5 });
});
const take = (change?: Partial<TakenNote>): void => {
  const taken = note(change);
  limits.admit(taken);
  recent.add(taken);
};

describe('within an hour', () => {
  test('a recipient gets so many messages, and others get theirs', () => {
    for (let sent = 0; sent < 3; sent += 1) take();
    expect(() => take()).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    take(of('B'));
    take({ tenant: 'beta' });
    now += HOUR_MS - 1;
    expect(() => take()).toThrow(/this recipient was sent 3 codes/);
    now += 1;
    take();
  });

  test('a tenant sends so many', () => {
    for (const recipient of 'ABCDE') take(of(recipient));
    expect(() => take(of('F'))).toThrow(/this tenant had 5 codes/);
    take({ tenant: 'beta', ...of('F') });
    now += HOUR_MS;
    for (const recipient of 'ABCDE') take(of(recipient));
  });

  test('what another replica tells counts, once, however often it is told', () => {
    const told = [note(), note(), note()];
    expect([...told, ...told].map((each) => recent.add(each))).toEqual([true, true, true, false, false, false]);
    expect(() => take()).toThrow(/recipient/);
    expect(recent.has(told[0]?.id ?? '')).toBe(true);
  });

  test('what is of another hour does not', () => {
    expect(recent.add(note({ at: START - HOUR_MS }))).toBe(false);
    expect(recent.all()).toEqual([]);
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-recent-'));
  const path = join(folder, 'recent');
  afterEach(() => rmSync(path, { force: true, recursive: true }));
  const { log, lines } = keptLog();
  const opened = (): { recent: Recent; file: RecentFile } => {
    const fresh = new Recent(clock);
    const file = new RecentFile(path, fresh, log);
    file.load();
    return { recent: fresh, file };
  };

  test('carries counts over a restart, without what is past and without half a line', () => {
    const { file } = opened();
    file.add(note());
    now += HOUR_MS - 10;
    const later = [note(), note()];
    for (const each of later) file.add(each);
    now += 10;
    appendFileSync(path, '{"id":"0000');
    expect(opened().recent.all()).toEqual(later);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3); // written anew
  });

  test('does not only grow', () => {
    const { file } = opened();
    for (let each = 0; each < 5000; each += 1) {
      now += HOUR_MS / 100; // a hundred an hour
      file.add(note());
    }
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(1500);
  });

  test('that cannot be written stops nobody, and is said', () => {
    const nowhere = new RecentFile(join(folder, 'no', 'such', 'folder'), recent, log);
    nowhere.load();
    nowhere.add(note());
    expect(recent.all()).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('the file of what was sent lately cannot be written');
  });
});

test('digests of recipients are the same for all replicas, and depend on the key, the tenant and the channel', () => {
  const digest = (key: string, tenant = 'acme', to = 'ada@example.org', channel: 'mail' | 'webhook' = 'mail') =>
    new RecipientDigest(Secret.fromText(key)).of(parseTenant(tenant), channel, to);
  expect(digest('one')).toBe(digest('one'));
  expect(digest('one')).toMatch(/^[\w-]{22}$/);
  expect(digest('one', 'acme', 'Ada@Example.ORG')).toBe(digest('one'));
  const others = [digest('two'), digest('one', 'beta'), digest('one', 'acme', 'eve@example.org')];
  expect(new Set([digest('one'), digest('one', 'acme', 'ada@example.org', 'webhook'), ...others]).size).toBe(5);
});
