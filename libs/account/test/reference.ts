import type { DeviceId, DeviceType, FailureCode, Verdict } from '@countersign/contracts';

/**
 * What an account has to answer, said a second time and in another way: everything that ever happened is kept in one
 * list, and each question is answered by looking through all of it. Nothing is counted along, nothing expires.
 * Time only grows here; clocks that differ are `history.property.spec.ts`'s matter.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The numbers of the rules. A tenant with other ones gives others. */
export const RULES = {
  freeAttempts: 5,
  operatorAfter: 100,
  firstWaitMs: 30 * SECOND,
  longestWaitMs: 60 * MINUTE,
  hotpAhead: 10,
  totpBefore: 1,
  totpAfter: 1,
  behind: 3,
  originMs: 30 * DAY,
  origins: 8,
  repeatMs: MINUTE,
  repeats: 8,
  pendingMs: 15 * MINUTE,
  revokedShown: 4,
  devices: 16,
  guessWidth: 32,
};

export interface Question {
  verb: 'verify' | 'device.confirm';
  by: string;
  /** the same id stands for the same code from the same caller */
  request?: string;
  origin?: string;
  device?: DeviceId;
}

export interface Shown {
  device: DeviceId;
  counter: number;
}

type Bucket = 'known' | 'unknown';
type Move = 'disabled' | 'enabled' | 'revoked';
interface Added {
  did: 'added';
  device: DeviceId;
  type: DeviceType;
  namedOnly: boolean;
  active: boolean;
  lowest: number;
}
type Spent = { did: 'accepted' | 'confirmed' | 'replayed'; asked: Question; paidBy: Bucket } & Shown;
type What =
  | Added
  | { did: Move; device: DeviceId }
  | { did: 'unlocked' | 'frozen' | 'repeated' }
  | Spent
  | { did: 'wrong_code'; asked: Question; paidBy: Bucket }
  | { did: 'locked'; paidBy: Bucket };
export type Fact = What & { at: number; sequence: number };
type Remembered = Extract<Fact, { asked: Question }>;

/** `sequence` is absent where it is that of the event which is appended now. */
export type Expected =
  | { kind: 'fail'; code: FailureCode }
  | { kind: 'append'; what: What; verdict: Omit<Verdict, 'sequence'> & { sequence?: number } }
  | { kind: 'answer'; verdict: Verdict };

export class Reference {
  readonly facts: Fact[] = [];

  constructor(private readonly rules = RULES) {}

  note(what: What, at: number, sequence: number): void {
    this.facts.push({ ...what, at, sequence });
  }

  // --- a code is typed

  verdict(asked: Question, shown: Shown[], now: number): Expected {
    const paidBy: Bucket = this.isKnown(asked.origin, now) ? 'known' : 'unknown';
    const here = this.facts.at(-1)?.sequence ?? 1;
    const budget = { attemptsLeft: this.left(paidBy), ...this.wait(paidBy, now) };
    const refuse = (reason: 'frozen' | 'disabled'): Expected => ({
      kind: 'answer',
      verdict: { verdict: 'rejected', reason, sequence: here, at: now },
    });
    if (this.facts.some(({ did }) => did === 'frozen')) return refuse('frozen');

    const earlier = this.earlier(asked, now);
    if (earlier?.did === 'wrong_code' || earlier?.did === 'replayed') {
      const { did, at, sequence } = earlier;
      const device = did === 'replayed' ? { device: earlier.device } : {};
      const said = { verdict: 'rejected', reason: did, ...device, sequence, at, repeated: true } as const;
      return { kind: 'answer', verdict: { ...said, ...budget } };
    }

    if (this.isClosed(paidBy, now)) {
      const verdict = { verdict: 'rejected', reason: 'locked', ...budget, at: now } as const;
      return this.lockIsNoted(paidBy, now)
        ? { kind: 'answer', verdict: { ...verdict, sequence: here } }
        : { kind: 'append', what: { did: 'locked', paidBy }, verdict };
    }

    if (earlier !== undefined && this.status(earlier.device) === 'active') {
      const { device, sequence, at } = earlier;
      const verdict = { verdict: 'accepted', device, sequence, at, repeated: true } as const;
      return { kind: 'append', what: { did: 'repeated' }, verdict };
    }

    const eligible = this.eligible(asked, now);
    if (typeof eligible === 'string') return { kind: 'fail', code: eligible };
    if (eligible.length === 0) return refuse('disabled');

    const good = this.first(eligible, shown, (each) => this.isAcceptable(each, now));
    if (good !== undefined) {
      const did = asked.verb === 'verify' ? 'accepted' : 'confirmed';
      const verdict = { verdict: 'accepted', device: good.device, at: now } as const;
      return { kind: 'append', what: { did, ...good, asked, paidBy }, verdict };
    }
    const old = this.first(eligible, shown, (each) => this.isReplay(each, now));
    if (old !== undefined) {
      const verdict = { verdict: 'rejected', reason: 'replayed', device: old.device, at: now } as const;
      const said = { ...verdict, attemptsLeft: budget.attemptsLeft };
      return this.replayIsNoted(old, now)
        ? { kind: 'answer', verdict: { ...said, sequence: here } }
        : { kind: 'append', what: { did: 'replayed', ...old, asked, paidBy }, verdict: said };
    }
    const wrong = this.wrongs(paidBy).length + 1;
    const waitMs = this.waitMs(wrong);
    const verdict = {
      ...({ verdict: 'rejected', reason: 'wrong_code', at: now } as const),
      attemptsLeft: Math.max(0, this.rules.freeAttempts - wrong),
      ...(waitMs > 0 && waitMs < Infinity && { retryAfterMs: waitMs }),
    };
    return { kind: 'append', what: { did: 'wrong_code', asked, paidBy }, verdict };
  }

  /** The devices that may judge it, in the order in which they were added; or why none may. */
  private eligible(asked: Question, now: number): DeviceId[] | FailureCode {
    const added = this.facts.filter((fact) => fact.did === 'added');
    if (asked.verb === 'verify')
      return added
        .filter(({ device }) => this.status(device) === 'active')
        .filter(({ device, namedOnly }) => (asked.device === undefined ? !namedOnly : asked.device === device))
        .map(({ device }) => device);
    const device = added.find((each) => each.device === asked.device);
    if (device === undefined || this.isForgotten(device.device, 'once appended')) return 'NOT_FOUND';
    const status = this.status(device.device);
    if (status === 'pending' && now - device.at >= this.rules.pendingMs) return 'NOT_FOUND';
    if (status !== 'pending') return 'CONFLICT';
    return this.fits(device) ? [device.device] : 'LIMIT';
  }

  private first(eligible: DeviceId[], shown: Shown[], is: (shown: Shown) => boolean): Shown | undefined {
    return eligible.flatMap((device) => shown.filter((each) => each.device === device && is(each)))[0];
  }

  private isAcceptable(shown: Shown, now: number): boolean {
    const { hotpAhead, totpBefore, totpAfter } = this.rules;
    const floor = this.floor(shown.device);
    if (shown.counter < floor) return false;
    const step = Math.floor(now / (30 * SECOND));
    return this.added(shown.device).type === 'hotp'
      ? shown.counter < floor + hotpAhead
      : shown.counter >= step - totpBefore && shown.counter <= step + totpAfter;
  }

  private isReplay({ device, counter }: Shown, now: number): boolean {
    const { behind, totpBefore, totpAfter } = this.rules;
    const floor = this.floor(device);
    const step = Math.floor(now / (30 * SECOND));
    if (counter >= floor) return false;
    return this.added(device).type === 'hotp'
      ? counter >= floor - behind
      : counter >= step - totpBefore - behind && counter <= step + totpAfter;
  }

  // --- what the list says about devices

  private added(device: DeviceId): Added & { at: number } {
    return this.facts.find((fact) => fact.did === 'added' && fact.device === device) as Added & { at: number };
  }

  private spent(device: DeviceId): number[] {
    return this.facts.flatMap((fact) =>
      (fact.did === 'accepted' || fact.did === 'confirmed') && fact.device === device ? [fact.counter] : [],
    );
  }

  /** The lowest counter that was never accepted, nor stands before one that was. */
  private floor(device: DeviceId): number {
    return Math.max(this.added(device).lowest, ...this.spent(device).map((counter) => counter + 1));
  }

  private status(device: DeviceId): 'pending' | 'active' | 'disabled' | 'revoked' {
    const did = (what: Fact['did']) => this.facts.findLastIndex((fact) => fact.did === what && isOf(fact, device));
    if (did('revoked') >= 0) return 'revoked';
    if (did('disabled') > did('enabled')) return 'disabled';
    return this.added(device).active || did('confirmed') >= 0 ? 'active' : 'pending';
  }

  /** Of the revoked ones the last few are shown; an older one goes with whatever is appended next. */
  private isForgotten(device: DeviceId, when: 'once appended' | 'at the next append'): boolean {
    const revoked = this.facts.map((fact, index) => ({ fact, index })).filter(({ fact }) => fact.did === 'revoked');
    const mine = revoked.findIndex(({ fact }) => isOf(fact, device));
    const enough = revoked[mine + this.rules.revokedShown];
    if (mine < 0 || enough === undefined) return false;
    return when === 'at the next append' || this.facts.length - 1 > enough.index;
  }

  private fits({ device, type, namedOnly }: Added): boolean {
    const width = (each: DeviceType) =>
      each === 'hotp' ? this.rules.hotpAhead : this.rules.totpBefore + 1 + this.rules.totpAfter;
    const others = this.facts.filter(
      (fact) =>
        fact.did === 'added' && fact.device !== device && !fact.namedOnly && this.status(fact.device) === 'active',
    ) as Added[];
    const sum = [type, ...others.map((each) => each.type)].reduce((total, each) => total + width(each), 0);
    return namedOnly || sum <= this.rules.guessWidth;
  }

  // --- what it says about budgets

  private isKnown(origin: string | undefined, now: number): boolean {
    if (origin === undefined) return false;
    const from = this.facts.filter(
      (fact) => fact.did === 'accepted' && fact.asked.origin !== undefined,
    ) as Remembered[];
    const lately = distinct(from, ({ asked }) => asked.origin).slice(-this.rules.origins);
    return lately.some(({ asked, at }) => asked.origin === origin && now - at < this.rules.originMs);
  }

  /** Everything wrong since this bucket last began anew. */
  private wrongs(bucket: Bucket): Fact[] {
    const began = this.facts.findLastIndex(
      (fact) => fact.did === 'unlocked' || (fact.did === 'accepted' && fact.paidBy === bucket),
    );
    return this.facts.slice(began + 1).filter((fact) => fact.did === 'wrong_code' && fact.paidBy === bucket);
  }

  private waitMs(wrong: number): number {
    const { freeAttempts, operatorAfter, firstWaitMs, longestWaitMs } = this.rules;
    if (wrong < freeAttempts) return 0;
    let waitMs = firstWaitMs;
    for (let each = freeAttempts; each < wrong; each += 1) waitMs = Math.min(2 * waitMs, longestWaitMs);
    return wrong >= operatorAfter ? Infinity : waitMs;
  }

  private left(bucket: Bucket): number {
    return Math.max(0, this.rules.freeAttempts - this.wrongs(bucket).length);
  }

  private opensAt(bucket: Bucket): number {
    const wrongs = this.wrongs(bucket);
    return wrongs.length === 0 ? 0 : (wrongs.at(-1) as Fact).at + this.waitMs(wrongs.length);
  }

  private isClosed(bucket: Bucket, now: number): boolean {
    return this.opensAt(bucket) > now;
  }

  private wait(bucket: Bucket, now: number): { retryAfterMs?: number } {
    const opensAt = this.opensAt(bucket);
    return opensAt > now && opensAt < Infinity ? { retryAfterMs: opensAt - now } : {};
  }

  private lockIsNoted(bucket: Bucket, now: number): boolean {
    const closedBy = this.facts.indexOf(this.wrongs(bucket).at(-1) as Fact);
    return this.facts
      .slice(closedBy)
      .some((fact) => fact.did === 'locked' && fact.paidBy === bucket && sameMinute(fact.at, now));
  }

  // --- what it says about earlier answers

  private earlier(asked: Question, now: number): Remembered | undefined {
    const all = this.facts.filter((fact) => 'asked' in fact && fact.asked.request !== undefined) as Remembered[];
    const lately = distinct(all, ({ asked: { request } }) => request).slice(-this.rules.repeats);
    return lately.find(
      (fact) =>
        fact.asked.request === asked.request &&
        now - fact.at < this.rules.repeatMs &&
        fact.asked.verb === asked.verb &&
        (fact.did === 'wrong_code' || asked.device === undefined || asked.device === fact.device),
    );
  }

  private replayIsNoted({ device, counter }: Shown, now: number): boolean {
    const anew: Fact['did'][] = ['accepted', 'confirmed', 'disabled', 'enabled'];
    const since = this.facts.findLastIndex((fact) => anew.includes(fact.did) && isOf(fact, device));
    return this.facts
      .slice(since + 1)
      .some(
        (fact) => fact.did === 'replayed' && isOf(fact, device) && fact.counter === counter && sameMinute(fact.at, now),
      );
  }

  // --- an operator changes something

  /** The failure that adding it ends in, if any. */
  addition(device: Added, now: number): FailureCode | undefined {
    const present = (this.facts.filter(({ did }) => did === 'added') as (Added & Fact)[]).filter(
      (each) => !this.isGone(each.device, now) && this.status(each.device) !== 'revoked',
    );
    if (present.length >= this.rules.devices) return 'LIMIT';
    return device.active && !this.fits(device) ? 'LIMIT' : undefined;
  }

  /** The failure that it ends in, or whether anything changes. */
  move(move: Move, device: DeviceId, now: number): FailureCode | 'changes' | 'is so' {
    if (this.isGone(device, now)) return 'NOT_FOUND';
    const status = this.status(device);
    if ((move === 'revoked' && status === 'revoked') || (move === 'enabled' && status === 'active')) return 'is so';
    const can = { disabled: ['active', 'disabled'], enabled: ['disabled'], revoked: ['pending', 'active', 'disabled'] }[
      move
    ];
    if (!can.includes(status)) return 'CONFLICT';
    return move === 'enabled' && !this.fits(this.added(device)) ? 'LIMIT' : 'changes';
  }

  private isGone(device: DeviceId, now: number): boolean {
    const added = this.added(device) as (Added & { at: number }) | undefined;
    if (added === undefined || this.isForgotten(device, 'at the next append')) return true;
    return this.status(device) === 'pending' && now - added.at >= this.rules.pendingMs;
  }
}

const isOf = (fact: Fact, device: DeviceId): fact is Fact & { device: DeviceId; counter?: number } =>
  'device' in fact && fact.device === device;

const sameMinute = (a: number, b: number): boolean => Math.floor(a / MINUTE) === Math.floor(b / MINUTE);

/** The last of each key, in order. */
const distinct = <T>(all: T[], keyOf: (each: T) => unknown): T[] =>
  all.filter((each, index) => !all.slice(index + 1).some((later) => keyOf(later) === keyOf(each)));
