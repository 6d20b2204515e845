import { describe, expect, test } from '@jest/globals';
import { eventView } from './event-view.js';

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

  test('keeps the place and time that the ledger gives it', () => {
    const claims = { type: 'nobody', sequence: 1, storedAt: 1, account: 'bob' };
    expect(eventView(message(claims, 'ledger.acme._nobody'))).toEqual({
      sequence: 7,
      storedAt: 1000,
      account: '_nobody',
      type: 'nobody',
    });
  });

  test.each(['', 'x', '[]', '3', 'null', '{}', '{"type":3}'])('%j is unreadable, and no defect', (text) => {
    expect(eventView(message(text))).toEqual({ sequence: 7, storedAt: 1000, account: 'ada', type: 'unreadable' });
  });
});
