import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { keptLog, until } from '@countersign/bus/testing';
import { parseTenant, type DeliveryReport } from '@countersign/contracts';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { Sender, type InHand } from '../sending/sender.js';
import { CODE, messageTo } from '../testing/messages.js';
import type { ChannelDriver, Outgoing, Outcome } from './channel.js';

export interface Trouble {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

/** A channel with a real peer at its other end. */
export interface ChannelUnderTest {
  channel: ChannelDriver;
  /** somebody at the peer */
  to: string;
  /** recipients that do not exist in this form */
  wrong: string[];
  /** what the peer took, in order: the message's id as it saw it, and all that was said */
  took: { id: string; said: string }[];
  /** the peer says "later", repeating all it was told; it says nothing; it says "never", repeating all it was told */
  later: Trouble;
  silent: Trouble;
  /** absent: nothing can be refused here */
  never?: Trouble;
  /** whether what was given up may still have arrived: then it comes again under the same id */
  mayRepeat: boolean;
  end(): Promise<void>;
}

const ATTEMPT_MS = 1500; // what answers at all answers sooner, on a busy machine too
const PAUSES = { firstMs: 20, mostMs: 100 };

/** What every channel must do, whatever the other side is. */
export function channelSuite(name: string, start: () => Promise<ChannelUnderTest>): void {
  describe(`${name} as a channel`, () => {
    let under: ChannelUnderTest;
    let attempts: Outcome[] = [];
    let reports: DeliveryReport[] = [];
    const { log, lines } = keptLog();
    let sender: Sender;
    let counted: ChannelDriver;

    beforeAll(async () => {
      under = await start();
      counted = {
        name: under.channel.name,
        check: (tenant, to) => under.channel.check(tenant, to),
        send: async (message: Outgoing, signal: AbortSignal) => {
          const outcome = await under.channel.send(message, signal);
          attempts.push(outcome);
          return outcome;
        },
      };
      sender = newSender();
    });
    afterEach(async () => {
      [attempts, reports] = [[], []];
      under.took.length = 0;
      expect(JSON.stringify(lines)).not.toContain(CODE);
      expect(JSON.stringify(lines)).not.toContain(under.to);
    });
    afterAll(async () => {
      await sender.stop();
      await under.end();
    });

    const newSender = (): Sender =>
      new Sender({
        clock: new SystemClock(),
        random: new SystemRandom(),
        log,
        reports: { tell: async (report) => void reports.push(report) },
        maxInHand: 10,
        atOnce: 4,
        attemptMs: ATTEMPT_MS,
        pauses: PAUSES,
      });
    const take = (change: Partial<InHand> = {}): InHand => {
      const message = messageTo(counted, under.to, change);
      sender.take(message);
      return message;
    };
    const reported = async (): Promise<DeliveryReport> => {
      await until('what became of it is reported', () => reports.length > 0);
      expect(reports).toHaveLength(1);
      return reports[0] as DeliveryReport;
    };
    const during = async (trouble: Trouble, work: () => Promise<void>): Promise<void> => {
      await trouble.begin();
      try {
        await work();
      } finally {
        await trouble.end();
      }
    };

    test('a message arrives once, with its code and its id, and is reported once; then the code is gone', async () => {
      const message = take();
      expect(await reported()).toEqual({
        tenant: 'acme',
        account: message.account,
        challenge: message.challenge,
        channel: under.channel.name,
        state: 'sent',
        attempts: 1,
      });
      await until('it arrives', () => under.took.length > 0);
      expect(under.took.map(({ id }) => id)).toEqual([message.id]);
      expect(under.took[0]?.said).toContain(CODE);
      expect([...message.code.reveal()].every((byte) => byte === 0)).toBe(true);
    });

    test.each(['later', 'silent'] as const)(
      '%s: it is tried again until it is taken, under the same id',
      async (kind) => {
        let message: InHand | undefined;
        await during(under[kind], async () => {
          message = take();
          await until('attempts fail', () => attempts.length >= (kind === 'silent' ? 1 : 2));
          expect(attempts.map((outcome) => outcome.kind)).not.toContain('sent');
        });
        expect(await reported()).toMatchObject({ state: 'sent', attempts: attempts.length });
        await until('it arrives', () => under.took.length > 0);
        expect(new Set(under.took.map(({ id }) => id))).toEqual(new Set([message?.id]));
        if (!under.mayRepeat) expect(under.took).toHaveLength(1);
      },
    );

    test('nothing is tried when the code has expired', async () => {
      await during(under.later, async () => {
        take({ expiresAt: Date.now() + 250 });
        expect(await reported()).toMatchObject({ state: 'failed', reason: 'expired' });
      });
      const tried = attempts.length;
      take({ expiresAt: Date.now() - 1 });
      await until('the second is reported', () => reports.length === 2);
      expect(reports[1]).toMatchObject({ state: 'failed', reason: 'expired', attempts: 0 });
      expect(attempts).toHaveLength(tried);
    });

    test('what is refused for good is reported, and not tried again', async () => {
      if (!under.never) return void expect(under.mayRepeat).toBe(true); // one way: nobody can refuse
      await during(under.never, async () => {
        take();
        expect(await reported()).toMatchObject({ state: 'failed', reason: 'refused', attempts: 1 });
      });
      expect(under.took).toEqual([]);
    });

    test('no outcome repeats what the other side said', () => {
      expect(JSON.stringify(lines)).toMatch(/"not sent".*"why"/);
    });

    test('what waits when the service stops is reported as stopped', async () => {
      await during(under.later, async () => {
        take();
        await until('an attempt fails', () => attempts.length >= 1);
        await sender.stop();
        expect(await reported()).toMatchObject({ state: 'failed', reason: 'stopped' });
        expect(() => sender.assertRoom()).toThrow(/stopping/);
      });
      sender = newSender();
    });

    test('whom it cannot reach it says before', () => {
      expect(() => under.channel.check(parseTenant('acme'), under.to)).not.toThrow();
      for (const to of under.wrong)
        expect(() => under.channel.check(parseTenant('acme'), to)).toThrow(/^(to|channel): /);
    });
  });
}
