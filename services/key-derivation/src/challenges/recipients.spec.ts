import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeRecipient } from '@countersign/sealing';
import { PinnedRecipients, readRecipients } from './recipients.js';

describe('pinned recipients', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-recipients-'));
  const path = join(folder, 'recipients.json');
  let [delivery, acme, beta] = ['', '', ''];
  beforeAll(async () => {
    const made = await Promise.all(['delivery', 'acme/app', 'beta/app'].map(makeRecipient));
    [delivery, acme, beta] = made.map(({ publicText }) => publicText) as [string, string, string];
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const pinned = (...lines: string[]) => {
    writeFileSync(path, JSON.stringify(lines));
    return new PinnedRecipients(path);
  };

  test("a tenant's recipients are for that tenant alone, the platform's for everybody", () => {
    const recipients = pinned(delivery, acme, beta);
    const found = (name: string) => ['acme', 'beta', 'ac'].filter((tenant) => recipients.find(name, tenant));
    expect(found('delivery')).toEqual(['acme', 'beta', 'ac']);
    expect(found('acme/app')).toEqual(['acme']);
    expect(found('beta/app')).toEqual(['beta']);
    for (const name of ['', 'app', 'acme', 'acme/', 'acme/other', '__proto__']) expect(found(name)).toEqual([]);
  });

  test('who is added or taken off is so at once, and a list that cannot be read is nobody', () => {
    const recipients = pinned(delivery);
    expect(recipients.find('acme/app', 'acme')).toBeUndefined();
    writeFileSync(path, JSON.stringify([acme]));
    expect(recipients.find('acme/app', 'acme')).toMatchObject({ name: 'acme/app' });
    expect(recipients.find('delivery', 'acme')).toBeUndefined();
    writeFileSync(path, '[');
    expect(() => recipients.find('acme/app', 'acme')).toThrow('nothing was issued');
    unlinkSync(path);
    expect(() => recipients.find('acme/app', 'acme')).toThrow('nothing was issued');
    writeFileSync(path, JSON.stringify([delivery, acme]));
    expect(recipients.find('acme/app', 'acme')).toMatchObject({ name: 'acme/app' });
  });

  test('a list with anything wrong in it is refused whole', () => {
    const offCurve = `csrec1.delivery.${Buffer.alloc(65, 4).toString('base64url')}`;
    const lists = ['', '{}', '"x"', '[1]', '["x"]', JSON.stringify([delivery, delivery]), JSON.stringify([offCurve])];
    for (const list of lists) expect(() => readRecipients(list)).toThrow();
    expect(readRecipients('[]').size).toBe(0);
  });
});
