import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { frozen, newAccount } from '@countersign/account';
import { eventView, holdsEvents } from './event-view.js';

const message = (event: unknown, subject = 'ledger.acme.ada') => ({
  subject,
  sequence: 7,
  storedAt: 1000,
  data: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
});

describe('an event as its tenant sees it', () => {
  test('is what happened, without what stays inside', () => {
    const inside = { state: { v: 1, devices: [] }, nonce: 'n', request: 'digest' };
    expect(
      eventView(message({ type: 'accepted', device: 'd', counter: 3, by: 'app', at: 5, after: 4, ...inside })),
    ).toEqual({
      sequence: 7,
      storedAt: 1000,
      account: 'ada',
      type: 'accepted',
      device: 'd',
      counter: 3,
      by: 'app',
      at: 5,
      after: 4,
    });
  });

  test.each(['_nobody', '_nobody.4x'])('keeps the place and time that the ledger gives it: %s', (place) => {
    const claims = { type: 'nobody', sequence: 1, storedAt: 1, account: 'bob' };
    expect(eventView(message(claims, `ledger.acme.${place}`))).toEqual({
      sequence: 7,
      storedAt: 1000,
      account: '_nobody',
      type: 'nobody',
    });
  });

  test.each([
    'ledger.acme.ada.d.1',
    'ledger.acme._nobody.4x.1',
    'ledger.acme.ada.4x',
    'ledger.acme',
    '$KV.directory.x',
  ])('lies nowhere else: %s holds none', (subject) => expect(holdsEvents(subject)).toBe(false));

  test.each(['', 'x', '[]', '3', 'null', '{}', '{"type":3}'])('%j is unreadable, and no defect', (text) => {
    expect(eventView(message(text))).toEqual({ sequence: 7, storedAt: 1000, account: 'ada', type: 'unreadable' });
  });

  describe('is as docs/api/events.schema.json says', () => {
    const path = new URL('../../../../docs/api/events.schema.json', import.meta.url);
    const valid = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(path, 'utf8')) as object);
    const change = { by: 'verification', at: 5 };
    const freeze = { ...frozen({ state: newAccount(), sequence: 4 }, [5, 6], change), after: 4, nonce: 'n' };

    // what no healthy platform writes; test/api has the others
    test.each([
      ['frozen', freeze],
      ['unreadable', 'no JSON'],
    ])('%s', (type, event) => {
      const view = eventView(message(event));
      expect(view.type).toBe(type);
      expect({ valid: valid(view), errors: valid.errors }).toEqual({ valid: true, errors: null });
    });
  });
});
