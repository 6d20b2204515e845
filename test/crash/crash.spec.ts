import { expect, test } from '@jest/globals';
import { crashAudit } from './crash-audit.js';

const TIMES = 5; // each of the turns once

test('kill -9 of audit and NATS: nothing is lost, and there is one log', async () => {
  const { wrong, killed, events, checkpoints } = await crashAudit({ times: TIMES, seed: 7, tell: () => undefined });
  expect(wrong).toEqual([]);
  expect(killed).toEqual({ 'audit-1': 2, 'audit-2': 2, nats: 3 });
  expect(Math.min(events, checkpoints)).toBeGreaterThan(TIMES);
}, 120_000);
