import { describe, expect, test } from '@jest/globals';
import { keptLog, until } from '@countersign/bus/testing';
import { SystemClock, type Random } from '@countersign/runtime';
import type { ChannelDriver, Outcome } from '../channels/channel.js';
import { CODE, messageTo, templateOf } from '../testing/messages.js';
import { PAUSES, pauseMs } from './backoff.js';
import { Sender, type SenderParts } from './sender.js';

const drawing = (byte: number): Random => ({ bytes: (length) => Buffer.alloc(length, byte) });

test.each([
  [1, 1000],
  [2, 2000],
  [3, 4000],
  [5, 16_000],
  [6, 30_000],
  [60, 30_000],
])('after attempt %i it waits %i ms, and up to a fifth longer', (attempt, ms) => {
  expect(pauseMs(attempt, PAUSES, drawing(0))).toBe(ms);
  expect(pauseMs(attempt, PAUSES, drawing(255))).toBe(ms * 1.2);
});

/** A channel that answers as told. */
function channelOf(send: ChannelDriver['send']): ChannelDriver {
  return { name: 'mail', check: () => undefined, send };
}

function senderWith(parts: Partial<SenderParts> = {}) {
  const reports: unknown[] = [];
  const { log, lines } = keptLog();
  const sender = new Sender({
    clock: new SystemClock(),
    random: drawing(0),
    log,
    reports: { tell: async (report) => void reports.push(report) },
    maxInHand: 3,
    atOnce: 2,
    attemptMs: 1000,
    pauses: { firstMs: 5, mostMs: 5 },
    ...parts,
  });
  return { sender, reports, lines };
}

describe('a sender', () => {
  test('has so many attempts at once, and so many messages in hand', async () => {
    const { sender, reports } = senderWith();
    const open: (() => void)[] = [];
    const channel = channelOf(() => new Promise((resolve) => open.push(() => resolve({ kind: 'sent' }))));
    for (let taken = 0; taken < 3; taken += 1) {
      sender.assertRoom();
      sender.take(messageTo(channel, 'x'));
    }
    expect(() => sender.assertRoom()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await until('two are on their way', () => open.length === 2);
    open[0]?.();
    await until('the third follows', () => open.length === 3);
    open.slice(1).forEach((end) => end());
    await until('all are reported', () => reports.length === 3);
    expect(() => sender.assertRoom()).not.toThrow();
  });

  test('survives a channel with a defect, and says nothing of what it threw', async () => {
    const answers: (() => Promise<Outcome>)[] = [
      () => Promise.reject(new Error(`cannot send ${CODE}`)),
      () => Promise.resolve({ kind: 'sent' }),
    ];
    const { sender, reports, lines } = senderWith();
    sender.take(
      messageTo(
        channelOf(() => (answers.shift() as () => Promise<Outcome>)()),
        'x',
      ),
    );
    await until('it is reported', () => reports.length === 1);
    expect(reports[0]).toMatchObject({ state: 'sent', attempts: 2 });
    expect(JSON.stringify(lines)).toContain('defect');
    expect(JSON.stringify(lines)).not.toContain(CODE);
  });

  test('promises no more minutes than are left', async () => {
    const said: string[] = [];
    const { sender, reports } = senderWith();
    const channel = channelOf(async ({ words }) => {
      said.push(words.text);
      return { kind: 'sent' };
    });
    const template = templateOf('Subject: x\n\n{{code}} {{minutes}}');
    for (const leftMs of [299_900, 61_000, 20_000])
      sender.take(messageTo(channel, 'x', { template, expiresAt: Date.now() + leftMs }));
    await until('all are reported', () => reports.length === 3);
    expect(said).toEqual([`${CODE} 4\n`, `${CODE} 1\n`, `${CODE} 1\n`]);
  });

  test('that stops lets what is under way end', async () => {
    const { sender, reports } = senderWith();
    let end = (): void => undefined;
    sender.take(
      messageTo(
        channelOf(() => new Promise((resolve) => (end = () => resolve({ kind: 'sent' })))),
        'x',
      ),
    );
    const stopped = sender.stop();
    end();
    await stopped;
    expect(reports).toMatchObject([{ state: 'sent', attempts: 1 }]);
  });
});
