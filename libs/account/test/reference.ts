import type { DeviceId, FailureCode, KeyType, Policy, Verdict } from '@countersign/contracts';

/**
 * What an account has to answer, said a second time and in another way: everything that ever happened is kept in one
 * list, and each question is answered by looking through all of it. Nothing is counted along, nothing expires.
 * Time only grows here; clocks that differ are `history.property.spec.ts`'s matter.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** What no tenant's policy changes. */
const BEHIND = 3;
const FARTHEST = 32;
const REPEAT_MS = MINUTE;
const REPEATS = 8;
const PENDING_MS = 15 * MINUTE;
const CLEARED_MS = 30 * DAY;
const REVOKED_SHOWN = 4;
const DEVICES = 16;
const GUESS_WIDTH = 32;
const SHEET = 10;

export interface Question {
  verb: 'verify' | 'device.confirm' | 'rekey.confirm' | 'resync' | 'recover';
  by: string;
  /** the same id stands for the same code from the same caller */
  request?: string;
  origin?: string;
  device?: DeviceId;
  epoch?: number;
}

export interface Shown {
  device: DeviceId;
  counter: number;
  /** of the key that makes the code; left out: the first */
  epoch?: number;
}

type Bucket = 'known' | 'unknown';
type Move = 'disabled' | 'enabled' | 'revoked';
interface Added {
  did: 'added';
  device: DeviceId;
  type: KeyType;
  namedOnly: boolean;
  active: boolean;
  lowest: number;
}
type Spent = {
  did: 'accepted' | 'confirmed' | 'rekeyed' | 'resynced' | 'recovered' | 'replayed';
  asked: Question;
  paidBy: Bucket;
} & Shown;
type What =
  | Added
  | { did: Move | 'rekeying'; device: DeviceId }
  | { did: 'unlocked' | 'frozen' | 'repeated' }
  | Spent
  | { did: 'wrong_code'; asked: Question; paidBy: Bucket; ahead?: Shown | undefined }
  | { did: 'locked'; paidBy: Bucket };
export type Fact = What & { at: number; sequence: number };
type Remembered = Extract<Fact, { asked: Question }>;

/** `sequence` is absent where it is that of the event which is appended now. */
export type Expected =
  | { kind: 'fail'; code: FailureCode }
  | { kind: 'append'; what: What; verdict: Omit<Verdict, 'sequence'> & { sequence?: number } }
  | { kind: 'answer'; verdict: Verdict };

export class Reference {
  constructor(
    private readonly policy: Policy,
    readonly facts: Fact[] = [],
  ) {}

  note(what: What, at: number, sequence: number): void {
    this.facts.push({ ...what, at, sequence });
  }

  // --- a code is typed

  verdict(asked: Question, shown: Shown[], now: number): Expected {
    const paidBy: Bucket = this.isKnown(asked.origin, now) ? 'known' : 'unknown';
    const here = this.facts.at(-1)?.sequence ?? 1;
    const budget = { attemptsLeft: this.left(paidBy, now), ...this.wait(paidBy, now) };
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
      const verdict = { verdict: 'rejected', reason: 'locked', ...budget, attemptsLeft: 0, at: now } as const;
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

    const told = this.told(eligible, asked, shown, now);
    const old = told.find((each) => this.isReplay(asked, each, now));
    if (old !== undefined) {
      const verdict = { verdict: 'rejected', reason: 'replayed', device: old.device, at: now } as const;
      const said = { ...verdict, attemptsLeft: budget.attemptsLeft };
      return this.replayIsNoted(old, now)
        ? { kind: 'answer', verdict: { ...said, sequence: here } }
        : { kind: 'append', what: { did: 'replayed', ...old, asked, paidBy }, verdict: said };
    }
    const good = told.find((each) => this.isAcceptable(asked, each, now));
    if (good !== undefined) {
      const did = {
        ...({ verify: 'accepted', 'device.confirm': 'confirmed', 'rekey.confirm': 'rekeyed' } as const),
        ...({ resync: 'resynced', recover: 'recovered' } as const),
      };
      const verdict = { verdict: 'accepted', device: good.device, at: now } as const;
      return { kind: 'append', what: { did: did[asked.verb], ...good, asked, paidBy }, verdict };
    }
    const ahead = told.find((each) => this.isAhead(asked, each));
    const what = { did: 'wrong_code', asked, paidBy, ahead } as const;
    const then = new Reference(this.policy, [...this.facts, { ...what, at: now, sequence: here }]);
    const verdict = {
      ...({ verdict: 'rejected', reason: 'wrong_code', at: now } as const),
      ...{ attemptsLeft: then.left(paidBy, now), ...then.wait(paidBy, now) },
    };
    return { kind: 'append', what, verdict };
  }

  /** The devices that may judge it, in the order in which they were added; or why none may. */
  private eligible(asked: Question, now: number): DeviceId[] | FailureCode {
    const added = this.facts.filter((fact) => fact.did === 'added');
    if (asked.verb === 'recover')
      return added
        .filter(({ type, device }) => type === 'recovery' && this.status(device) === 'active')
        .map(({ device }) => device);
    if (asked.verb === 'rekey.confirm') {
      const here = added.some(({ device }) => device === asked.device) && asked.device;
      return here && this.isRekeying(here, now) && asked.epoch === this.epoch(here) + 1 ? [here] : 'NOT_FOUND';
    }
    if (asked.verb !== 'device.confirm')
      return added
        .filter(({ type }) => type !== 'recovery')
        .filter(({ type }) => asked.verb === 'verify' || (type === 'hotp' && asked.device !== undefined))
        .filter(({ device }) => this.status(device) === 'active')
        .filter(({ device, namedOnly }) => (asked.device === undefined ? !namedOnly : asked.device === device))
        .map(({ device }) => device);
    const device = added.find((each) => each.device === asked.device);
    if (device === undefined || this.isForgotten(device.device, 'once appended')) return 'NOT_FOUND';
    const status = this.status(device.device);
    if (status === 'pending' && now - device.at >= PENDING_MS) return 'NOT_FOUND';
    if (status !== 'pending') return 'CONFLICT';
    return this.fits(device) ? [device.device] : 'LIMIT';
  }

  /** A code may be several counters' by chance. Of each device one is looked at: its lowest spent one, else its lowest. */
  private told(eligible: DeviceId[], asked: Question, shown: Shown[], now: number): Shown[] {
    return eligible.flatMap((device) => {
      const key = this.epoch(device) + (asked.verb === 'rekey.confirm' ? 1 : 0);
      const mine = shown
        .filter((each) => each.device === device && (each.epoch ?? 1) === key)
        .toSorted((one, other) => one.counter - other.counter);
      const old = mine.find((each) => this.isReplay(asked, each, now));
      return old ?? mine.find((each) => this.isAcceptable(asked, each, now) || this.isAhead(asked, each)) ?? [];
    });
  }

  private isAcceptable({ verb }: Question, { device, counter }: Shown, now: number): boolean {
    const { hotpLookAhead, totpStepsBefore, totpStepsAfter, resyncWindow } = this.policy;
    const isNext = verb === 'rekey.confirm';
    const floor = isNext ? 0 : this.floor(device);
    if (verb === 'resync') return counter > floor && counter <= floor + resyncWindow;
    if (verb === 'recover') return counter < SHEET && !this.spent(device).includes(counter);
    if (counter < floor) return false;
    if (this.added(device).type === 'hotp')
      return counter < floor + hotpLookAhead || (!isNext && counter === this.announced(device) + 1);
    const step = this.stepOf(device, now);
    return counter >= step - totpStepsBefore && counter <= step + totpStepsAfter;
  }

  private isReplay({ verb }: Question, { device, counter }: Shown, now: number): boolean {
    const { totpStepsBefore, totpStepsAfter } = this.policy;
    if (verb === 'recover') return this.spent(device).includes(counter);
    const floor = this.floor(device);
    if (counter >= floor || verb === 'resync' || verb === 'rekey.confirm') return false;
    if (this.added(device).type === 'hotp') return counter >= floor - BEHIND;
    const step = this.stepOf(device, now);
    return counter >= step - totpStepsBefore - BEHIND && counter <= step + totpStepsAfter;
  }

  /** A token's code from beyond its look-ahead: the one after it would be accepted. */
  private isAhead({ verb }: Question, { device, counter }: Shown): boolean {
    const { autoResync, hotpLookAhead } = this.policy;
    const floor = this.floor(device);
    const isToken = this.added(device).type === 'hotp' && verb !== 'resync' && verb !== 'rekey.confirm';
    return (
      autoResync && isToken && counter >= floor + hotpLookAhead && counter < Math.max(0, floor - BEHIND) + FARTHEST
    );
  }

  // --- what the list says about devices

  private added(device: DeviceId): Added & { at: number } {
    return this.facts.find((fact) => fact.did === 'added' && fact.device === device) as Added & { at: number };
  }

  private lastRekey(device: DeviceId): number {
    return this.facts.findLastIndex((fact) => fact.did === 'rekeyed' && fact.device === device);
  }

  /** Which of its keys works. */
  epoch(device: DeviceId): number {
    return 1 + this.facts.filter((fact) => fact.did === 'rekeyed' && fact.device === device).length;
  }

  /** Whether its next key waits for a first code: for a quarter of an hour, and while nobody does anything to the device. */
  private isRekeying(device: DeviceId, now: number): boolean {
    const ends: Fact['did'][] = ['rekeying', 'rekeyed', 'disabled', 'enabled', 'revoked'];
    const last = this.facts.findLast((fact) => ends.includes(fact.did) && isOf(fact, device));
    return last?.did === 'rekeying' && now - last.at < PENDING_MS;
  }

  /** What the key that works has spent. */
  private spent(device: DeviceId): number[] {
    const since = this.facts.slice(Math.max(0, this.lastRekey(device)));
    return since.flatMap((fact) => (isSpending(fact) && fact.device === device ? [fact.counter] : []));
  }

  /** The counter that the last wrong code showed from beyond the look-ahead, until a code is accepted. */
  private announced(device: DeviceId): number {
    const wrong = this.facts.findLastIndex(({ did }) => did === 'wrong_code');
    const { ahead } = (this.facts[wrong] ?? {}) as { ahead?: Shown };
    const isOver = this.facts.slice(wrong).some(isSpending);
    return ahead?.device === device && !isOver ? ahead.counter : -1;
  }

  /** The step that it is for this device: its clock may be as wrong as its last code was, within bounds. */
  private stepOf(device: DeviceId, now: number): number {
    const { totpDriftSteps: most } = this.policy;
    const last = this.facts.findLast((fact) => isSpending(fact) && fact.device === device) as
      (Shown & Fact) | undefined;
    const drift = last === undefined ? 0 : last.counter - stepAt(last.at);
    return stepAt(now) + Math.min(most, Math.max(-most, drift));
  }

  /** The lowest counter that was never accepted, nor stands before one that was. */
  private floor(device: DeviceId): number {
    const lowest = this.epoch(device) > 1 ? 0 : this.added(device).lowest;
    return Math.max(lowest, ...this.spent(device).map((counter) => counter + 1));
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
    const enough = revoked[mine + REVOKED_SHOWN];
    if (mine < 0 || enough === undefined) return false;
    return when === 'at the next append' || this.facts.length - 1 > enough.index;
  }

  private fits({ device, type, namedOnly }: Added): boolean {
    const { hotpLookAhead, autoResync, totpStepsBefore, totpStepsAfter } = this.policy;
    if (type === 'recovery') return true;
    const width = (each: KeyType) =>
      each === 'hotp' ? hotpLookAhead + Number(autoResync) : totpStepsBefore + 1 + totpStepsAfter;
    const others = this.facts.filter(
      (fact) =>
        fact.did === 'added' &&
        fact.device !== device &&
        fact.type !== 'recovery' &&
        !fact.namedOnly &&
        this.status(fact.device) === 'active',
    ) as Added[];
    const sum = [type, ...others.map((each) => each.type)].reduce((total, each) => total + width(each), 0);
    return namedOnly || sum <= GUESS_WIDTH;
  }

  // --- what it says about budgets

  private isKnown(origin: string | undefined, now: number): boolean {
    if (origin === undefined) return false;
    const from = this.facts.filter(
      (fact) => fact.did === 'accepted' && fact.asked.origin !== undefined,
    ) as Remembered[];
    const lately = distinct(from, ({ asked }) => asked.origin).slice(-this.policy.origins);
    return lately.some(({ asked, at }) => asked.origin === origin && now - at < this.policy.originDays * DAY);
  }

  /** Everything wrong since this bucket last began anew. */
  private wrongs(bucket: Bucket): Fact[] {
    const began = this.facts.findLastIndex(
      (fact) => fact.did === 'unlocked' || (fact.did === 'accepted' && fact.paidBy === bucket),
    );
    return this.facts.slice(began + 1).filter((fact) => fact.did === 'wrong_code' && fact.paidBy === bucket);
  }

  /** What acceptances cleared counts on for 30 days, from the first of them that had anything to clear. */
  private cleared(bucket: Bucket, now: number): { wrong: number; since: number } {
    let all = { wrong: 0, since: -Infinity };
    let run = 0;
    for (const fact of this.facts) {
      if (fact.did === 'unlocked') [all, run] = [{ wrong: 0, since: -Infinity }, 0];
      if (!('paidBy' in fact) || fact.paidBy !== bucket) continue;
      if (fact.did === 'wrong_code') run += 1;
      if (fact.did !== 'accepted') continue;
      if (fact.at - all.since >= CLEARED_MS) all = { wrong: 0, since: run > 0 ? fact.at : -Infinity };
      [all, run] = [{ wrong: all.wrong + run, since: all.since }, 0];
    }
    return now - all.since < CLEARED_MS ? all : { wrong: 0, since: -Infinity };
  }

  private waitMs(wrong: number): number {
    const { freeAttempts, operatorAfter, firstDelayMs, longestDelayMs } = this.policy;
    if (wrong >= operatorAfter) return Infinity;
    if (wrong < freeAttempts) return 0;
    let waitMs = firstDelayMs;
    for (let each = freeAttempts; each < wrong; each += 1) waitMs = Math.min(2 * waitMs, longestDelayMs);
    return Math.min(waitMs, longestDelayMs);
  }

  private left(bucket: Bucket, now: number): number {
    const { freeAttempts, wrongPer30Days } = this.policy;
    const wrong = this.wrongs(bucket).length;
    return Math.max(0, Math.min(freeAttempts - wrong, wrongPer30Days - wrong - this.cleared(bucket, now).wrong));
  }

  private opensAt(bucket: Bucket, now: number): number {
    const wrongs = this.wrongs(bucket);
    const cleared = this.cleared(bucket, now);
    const last = wrongs.at(-1)?.at ?? 0;
    const slowly = wrongs.length + cleared.wrong >= this.policy.wrongPer30Days;
    const since = cleared.wrong > 0 ? cleared.since : last;
    return Math.max(last + this.waitMs(wrongs.length), slowly ? since + CLEARED_MS : 0);
  }

  private isClosed(bucket: Bucket, now: number): boolean {
    return this.opensAt(bucket, now) > now;
  }

  private wait(bucket: Bucket, now: number): { retryAfterMs?: number } {
    const opensAt = this.opensAt(bucket, now);
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
    let lately: Remembered[] = [];
    for (const fact of this.facts) {
      if (!('asked' in fact)) continue;
      if (fact.did === 'rekeyed') lately = lately.filter((each) => !isSpending(each) || each.device !== fact.device);
      if (fact.asked.request === undefined) continue;
      lately = distinct([...lately, fact], ({ asked: { request } }) => request).slice(-REPEATS);
    }
    return lately.find(
      (fact) =>
        fact.asked.request === asked.request &&
        now - fact.at < REPEAT_MS &&
        fact.asked.verb === asked.verb &&
        (fact.did === 'wrong_code' || asked.device === undefined || asked.device === fact.device),
    );
  }

  private replayIsNoted({ device, counter }: Shown, now: number): boolean {
    const anew: Fact['did'][] = [
      ...(['accepted', 'confirmed', 'rekeyed', 'resynced', 'recovered', 'disabled', 'enabled'] as const),
    ];
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
    const former = this.sheet();
    const present = (this.facts.filter(({ did }) => did === 'added') as (Added & Fact)[]).filter(
      (each) => !this.isGone(each.device, now) && this.status(each.device) !== 'revoked',
    );
    if (device.type === 'recovery' && former !== undefined) return undefined;
    if (present.length >= DEVICES) return 'LIMIT';
    return device.active && !this.fits(device) ? 'LIMIT' : undefined;
  }

  /** The failure that beginning a re-key ends in, if any. */
  rekey(device: DeviceId, now: number): FailureCode | undefined {
    if (this.isGone(device, now) || this.added(device).type === 'recovery') return 'NOT_FOUND';
    return this.status(device) === 'active' ? undefined : 'NOT_FOUND';
  }

  /** The account's sheet of recovery codes, which another one takes the place of. */
  sheet(): DeviceId | undefined {
    const sheets = this.facts.filter((fact) => fact.did === 'added' && fact.type === 'recovery') as Added[];
    return sheets.find(({ device }) => this.status(device) !== 'revoked')?.device;
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
    return this.status(device) === 'pending' && now - added.at >= PENDING_MS;
  }
}

const isOf = (fact: Fact, device: DeviceId): fact is Fact & { device: DeviceId; counter?: number } =>
  'device' in fact && fact.device === device;

const isSpending = (fact: Fact): fact is Extract<Fact, Spent> =>
  (['accepted', 'confirmed', 'rekeyed', 'resynced', 'recovered'] as Fact['did'][]).includes(fact.did);

const stepAt = (now: number): number => Math.floor(now / (30 * SECOND));

const sameMinute = (a: number, b: number): boolean => Math.floor(a / MINUTE) === Math.floor(b / MINUTE);

/** The last of each key, in order. */
const distinct = <T>(all: T[], keyOf: (each: T) => unknown): T[] =>
  all.filter((each, index) => !all.slice(index + 1).some((later) => keyOf(later) === keyOf(each)));
