import { createHmac, timingSafeEqual } from 'node:crypto';
import { closure, readable, type AccountState, type Standing } from '@countersign/account';
import type { Clock, Log, Secret } from '@countersign/runtime';
import { WINDOW_READS } from '../verification-metrics.js';
import type { CacheServer } from './cache-server.js';

/** What a window belongs to: the MAC covers all of it, so that no value passes for another's (P2). */
export interface WindowName {
  /** identity of the ledger's stream */
  stream: string;
  /** the account's ledger subject, or a place of its own for a name that nobody has */
  subject: string;
}

/**
 * States in Redis: they make verdicts fast and never make them true. A value that does not verify, or that is older than
 * what this process has seen, is absent.
 */
export class WindowCache {
  constructor(
    private readonly server: CacheServer,
    /** the present secret first, then the one before a rotation */
    private readonly secrets: readonly Secret[],
    private readonly windowMs: number,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * The cached standing with a sequence of at least `atLeast`. Undefined: read the ledger. So it is too for a closed
   * budget, which only the ledger may refuse, unless the window is all there is (`closed`: 'too').
   */
  async admit(name: WindowName, atLeast: number, closed: 'too' | 'absent' = 'absent'): Promise<Standing | undefined> {
    const now = closed === 'too' ? Number.MAX_SAFE_INTEGER : this.clock.now();
    const window = await this.server.ask((redis, space) => redis.admit(keyOf(space, name), now));
    WINDOW_READS.inc({ found: window === undefined ? 'silent' : window[0] === 'cached' ? 'cached' : 'absent' });
    if (window?.[0] !== 'cached') return undefined;
    const [, sequenceText = '', value = '', mac = ''] = window;
    if (!this.genuine(name, sequenceText, value, mac)) {
      this.log.error('a cached window does not verify; it is ignored', { subject: name.subject });
      return undefined;
    }
    const sequence = Number(sequenceText);
    if (sequence < atLeast) return undefined;
    return { state: readable(JSON.parse(value) as AccountState), sequence };
  }

  /**
   * Keeps a state that the ledger acknowledged, unless a later one is kept. With `after`, only where none
   * later than that is kept. Whether it was kept; undefined while Redis does not answer. Never throws.
   */
  async settle(name: WindowName, { state, sequence }: Standing, after = ANY): Promise<boolean | undefined> {
    const value = JSON.stringify(state);
    const mac = macOf(this.secrets[0] as Secret, name, String(sequence), value).toString('base64url');
    const closed = closedUntilMs(state, this.clock.now());
    const kept = await this.server.ask((redis, space) =>
      redis.settle(keyOf(space, name), sequence, value, mac, closed, this.windowMs, after),
    );
    return kept === undefined ? undefined : kept === 1;
  }

  private genuine(name: WindowName, sequence: string, value: string, mac: string): boolean {
    const given = Buffer.from(mac, 'base64url');
    return this.secrets.some((secret) => {
      const right = macOf(secret, name, sequence, value);
      return right.length === given.length && timingSafeEqual(right, given);
    });
  }
}

const ANY = -1;

const keyOf = (space: string, { stream, subject }: WindowName): string => `${space}:window:${stream}:${subject}`;

/** Subjects and sequences hold no NUL, and the value comes last, so that the message is unambiguous. */
function macOf(secret: Secret, { stream, subject }: WindowName, sequence: string, value: string): Buffer {
  return createHmac('sha256', secret.reveal()).update(['window', stream, subject, sequence, value].join('\0')).digest();
}

/** By the default policy: a hint whether the ledger will be asked anyway. The tenant's own policy judges. */
function closedUntilMs({ known, unknown }: AccountState, now: number): number {
  const ends = [known, unknown].map((bucket) => {
    const closed = closure(bucket, now);
    return closed.kind === 'open' ? 0 : closed.kind === 'wait' ? closed.untilMs : Number.MAX_SAFE_INTEGER;
  });
  return Math.max(...ends);
}
