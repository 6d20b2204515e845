import type { Verdict } from '@countersign/contracts';
import type { Born, ChallengeQuestion, Entry, LedgerMessage, Question } from '../history/entry.js';
import { check } from './check.js';
import type { Result } from './result.js';

/** RFC 4226 appendix D: the secret, and its codes from counter 0 on; after them, those that Python's hmac gives. */
const KEY = Buffer.from('12345678901234567890');
const CODES = [
  ...'755224 287082 359152 969429 338314 254676 287922 162583 399871 520489 403154 481090 868912'.split(' '),
  ...'736127 229903 436521 186581 447589 903435 578337 328281 191635 184416 574561 797908 396619'.split(' '),
];
export const WRONG = '000000';
/** Another secret, that has one code twice: oathtool says 774111 for 4 and for 10. */
export const TWIN = { key: '9094d4d59309bf3790e9c676e84d9b4023325ea5', first: 4, second: 10, code: '774111' };

const OF = { tenant: 'acme', account: 'ada' };
export const PHONE = 'phone';
export const CHALLENGE = 'challenge';
const CHALLENGE_CODE = '135790';

type Verify = Extract<Question, { verb: 'verify' }>;
type CodeAsked = Partial<Verify> & { caller?: string };
type ChallengeAsked = Partial<ChallengeQuestion> & { caller?: string };

/** A history and its ledger, told step by step; every step takes a tenth of a second. */
export class Story {
  now = 1_800_000_000_000;
  readonly ledger: LedgerMessage[] = [];
  readonly history: Entry[] = [];
  private last = 0;
  private ids = 0;
  private requests = 0;

  /** An account with one phone: HOTP, from counter 0 on. */
  constructor() {
    this.event('created');
    const record = this.store(`${this.subject}.${PHONE}.1`, { type: 'record', profile: { type: 'hotp' } });
    const devices = [{ id: PHONE, epoch: 1, floor: 0 }];
    this.event('imported', { device: PHONE, record, status: 'active', state: { devices } });
    const key = KEY.toString('hex');
    this.history.push({ kind: 'born', at: this.now, ...OF, device: PHONE, type: 'hotp', key });
  }

  /** The phone has that other secret. */
  becomeTwin(): void {
    (this.history[0] as Born).key = TWIN.key;
  }

  get subject(): string {
    return `ledger.${OF.tenant}.${OF.account}`;
  }

  code(counter: number): string {
    return CODES[counter] as string;
  }

  wait(ms: number): void {
    this.now += ms;
  }

  /** An event after the account's last one; its sequence. */
  event(type: string, fields: object = {}): number {
    this.last = this.store(this.subject, { type, after: this.last, at: this.now, by: 'app', ...fields });
    return this.last;
  }

  store(subject: string, body: object): number {
    const sequence = this.ledger.length + 1;
    this.ledger.push({ sequence, subject, storedAt: this.now, body: body as Record<string, unknown> });
    return sequence;
  }

  evaluated(counter: number | undefined, replica = 'one'): void {
    const looked = { at: this.now, replica, ...OF, device: PHONE, epoch: 1, from: 0, count: 10, code: WRONG };
    const result = counter === undefined ? { result: 'none' as const } : { result: 'match' as const, counter };
    this.history.push({ kind: 'evaluated', ...looked, ...result });
  }

  /** Asks with a code, by default the phone's at `counter`; gives the question's id. */
  ask(counter: number | undefined, { caller = 'app', ...more }: CodeAsked = {}): number {
    const shown = counter === undefined ? {} : { counter, shownBy: PHONE };
    const code = counter === undefined ? WRONG : this.code(counter);
    const requestId = `request-${(this.requests += 1)}`;
    const question: Verify = { verb: 'verify', name: 'ada@acme', code, requestId, intent: 'fresh', ...shown, ...more };
    return this.asks(question, caller);
  }

  asks(question: Question, caller = 'app'): number {
    this.wait(100);
    this.ids += 1;
    this.history.push({ kind: 'asked', at: this.now, id: this.ids, ...OF, caller, question });
    return this.ids;
  }

  done(id: number): void {
    this.history.push({ kind: 'answered', at: this.now, id, answer: { kind: 'done' } });
  }

  answer(id: number, verdict: Partial<Verdict>): void {
    const whole = { at: this.now, sequence: this.last, ...verdict } as Verdict;
    this.history.push({ kind: 'answered', at: this.now, id, answer: { kind: 'verdict', verdict: whole } });
  }

  fail(id: number, code: 'UNAVAILABLE' | 'OUTCOME_UNKNOWN'): void {
    this.history.push({ kind: 'answered', at: this.now, id, answer: { kind: 'failure', code } });
  }

  /** An acceptance as it should be; its sequence. */
  accept(counter: number, asked: CodeAsked = {}, fields: object = {}): number {
    const id = this.ask(counter, asked);
    this.evaluated(counter);
    const sequence = this.event('accepted', { device: PHONE, counter, request: `digest-${counter}`, ...fields });
    this.answer(id, { verdict: 'accepted', device: PHONE });
    return sequence;
  }

  guess(fields: object = {}): void {
    const id = this.ask(undefined, { intent: 'guess' });
    this.evaluated(undefined);
    this.event('rejected', { reason: 'wrong_code', ...fields });
    this.answer(id, { verdict: 'rejected', reason: 'wrong_code' });
  }

  move(type: 'revoked' | 'disabled' | 'enabled'): void {
    const verb = ({ revoked: 'device.revoke', disabled: 'device.disable', enabled: 'device.enable' } as const)[type];
    const id = this.asks({ verb, device: PHONE }, 'ops');
    this.event(type, { device: PHONE, by: 'ops' });
    this.done(id);
  }

  /** A challenge of the caller `app`, open for a minute, whose code was read. */
  issue({ verifiers, life = 60_000 }: { verifiers?: string[]; life?: number } = {}): void {
    const id = this.asks({ verb: 'challenge.issue', requestId: 'order' });
    const expiresAt = this.now + life;
    const named = verifiers === undefined ? {} : { verifiers };
    this.event('challenge_issued', { challenge: CHALLENGE, expiresAt, to: 'caller', ...named });
    this.done(id);
    this.history.push({ kind: 'issued', at: this.now, ...OF, challenge: CHALLENGE, code: CHALLENGE_CODE, expiresAt });
  }

  /** Shows a challenge's code, by default the right one; gives the question's id. */
  show({ caller = 'app', ...more }: ChallengeAsked = {}): number {
    const requestId = `request-${(this.requests += 1)}`;
    const right = { challenge: CHALLENGE, code: CHALLENGE_CODE, requestId, intent: 'fresh' as const };
    return this.asks({ verb: 'challenge.verify', ...right, ...more }, caller);
  }

  redeemed(result: 'match' | 'none', replica = 'one'): void {
    const looked = { at: this.now, replica, ...OF, challenge: CHALLENGE, code: CHALLENGE_CODE };
    this.history.push({ kind: 'redeemed', ...looked, result });
  }

  /** Shown, matched, accepted and answered, as it should be; the event's sequence. */
  take(asked: ChallengeAsked = {}): number {
    const id = this.show(asked);
    this.redeemed('match');
    const sequence = this.event('challenge_accepted', { challenge: CHALLENGE, ...byOf(asked) });
    this.answer(id, { verdict: 'accepted' });
    return sequence;
  }

  /** Shown and rejected for a reason, and answered as every rejection is. */
  refuse(reason: string, asked: ChallengeAsked = { code: WRONG }): void {
    const id = this.show(asked);
    this.redeemed('none');
    this.event('challenge_rejected', { challenge: CHALLENGE, reason, ...byOf(asked) });
    this.answer(id, { verdict: 'rejected', reason: 'wrong_code' });
  }

  cancel(): void {
    const id = this.asks({ verb: 'challenge.cancel', challenge: CHALLENGE });
    this.event('challenge_cancelled', { challenge: CHALLENGE });
    this.done(id);
  }

  checked(): Promise<Result> {
    return check({ ledger: each(this.ledger), history: each(this.history) });
  }
}

const byOf = ({ caller }: ChallengeAsked): object => (caller === undefined ? {} : { by: caller });

async function* each<T>(list: T[]): AsyncGenerator<T> {
  yield* list;
}
