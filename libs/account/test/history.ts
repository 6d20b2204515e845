import type { DeviceId, DeviceType, Verdict } from '@countersign/contracts';
import {
  DEFAULT_RULES,
  enrolled,
  frozen,
  illegality,
  imported,
  judge,
  moved,
  newAccount,
  parseEvent,
  unlocked,
} from '../src/index.js';
import type { AccountEvent, AccountState, Attempt, Decision, Standing } from '../src/index.js';
import { DAY, MINUTE, NOW, SECOND, matched, profilesOf, standing, type Typed } from './accounts.js';

/** Drives one account through anything, and checks after each step what may never happen, in words of its own. */

export const SKEW_MS = 5 * SECOND; // replicas' clocks may be wrong by this much

export type Step =
  | { do: 'wait'; ms: number }
  | { do: 'try'; skewMs: number; question: Question }
  | { do: 'again'; skewMs: number; back: number; change: 'nothing' | 'verb' | 'name' | 'origin' }
  | { do: 'add'; type: DeviceType; namedOnly: boolean; active: boolean }
  | { do: 'move'; move: 'disabled' | 'enabled' | 'revoked'; device: number }
  | { do: 'unlock' }
  | { do: 'freeze' };

export interface Question {
  verb: Attempt['verb'];
  /** which device the request names, if any */
  named?: number;
  origin?: number;
  request?: number;
  /** whose code, and how far from the first counter that it could accept, and by chance a twin; wrong: no device's */
  typed: { device: number; ahead: number; twin?: number } | 'wrong';
}

/** From the design: nobody is answered for so many seconds after so many wrong codes; after 100 an operator reopens. */
const WAIT_SECONDS = [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920];
const waitMs = (wrong: number): number => (wrong >= 100 ? Infinity : (WAIT_SECONDS[wrong] ?? 3600) * 1000);

/** What a state says about a device that may never come back or fall. */
interface Seen {
  floor: number;
  status: string;
  present: boolean;
}

interface Budget {
  wrong: number;
  /** real time of the last wrong answer */
  at: number;
}

export class History {
  at: Standing = standing(newAccount(), 1);
  now = NOW;
  readonly events: AccountEvent[] = [];
  largestBytes = 0;
  counts: Record<string, number> = {};
  private readonly spent = new Set<string>();
  private readonly devices = new Map<DeviceId, Seen>();
  private readonly budgets: Record<'known' | 'unknown', Budget> = {
    known: { wrong: 0, at: 0 },
    unknown: { wrong: 0, at: 0 },
  };
  private readonly asked: { attempt: Attempt; typed: Typed }[] = [];
  private readonly told: { attempt: Attempt; verdict: Verdict }[] = [];

  /** Throws an Error naming the rule that was broken. */
  take(step: Step): void {
    switch (step.do) {
      case 'wait':
        this.now += step.ms;
        return;
      case 'try':
        return this.attempt(this.described(step.question), this.typed(step.question), this.now + step.skewMs);
      case 'again':
        return this.again(step);
      case 'unlock':
        this.append(unlocked(this.at, this.change()));
        this.budgets.known.wrong = this.budgets.unknown.wrong = 0;
        return;
      case 'freeze':
        return this.append(frozen(this.at, [1, 2], this.change()));
      case 'add':
      case 'move':
        return this.changeDevice(step);
    }
  }

  private change(): { by: string; at: number } {
    return { by: 'desk', at: this.now };
  }

  private changeDevice(step: Extract<Step, { do: 'add' | 'move' }>): void {
    try {
      if (step.do === 'move') {
        const id = this.id(step.device);
        if (id !== undefined) this.append(moved(this.at, step.move, id, this.change()));
        return;
      }
      const { type, namedOnly, active } = step;
      const id = `d${String(this.devices.size).padStart(11, '0')}` as DeviceId;
      const device = { id, type, epoch: 1, record: this.at.sequence, floor: type === 'hotp' ? 7 : 0, namedOnly };
      const { at } = this;
      this.append(active ? imported(at, device, 'active', this.change()) : enrolled(at, device, this.change()));
    } catch (error) {
      if (!['LIMIT', 'CONFLICT', 'NOT_FOUND'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  }

  private id(index: number): DeviceId | undefined {
    const { devices } = this.at.state;
    return devices[index % Math.max(1, devices.length)]?.id;
  }

  private described({ verb, named, origin, request, typed }: Question): Attempt {
    const code = typed === 'wrong' ? 'wrong' : `${typed.device}+${typed.ahead}+${typed.twin}`;
    const device = named === undefined ? undefined : this.id(named);
    return {
      ...{ verb, by: 'web' },
      ...(device !== undefined && { device }),
      ...(origin !== undefined && { origin: `origin${origin}` }),
      ...(request !== undefined && { request: `request${request}:${code}` }),
    };
  }

  private typed({ typed }: Question): Typed {
    const device = typed === 'wrong' ? undefined : this.at.state.devices[typed.device % this.at.state.devices.length];
    if (typed === 'wrong' || device === undefined) return [];
    const first = device.type === 'hotp' ? device.floor : Math.max(device.floor, Math.floor(this.now / 30_000) - 1);
    return [typed.ahead, typed.twin ?? typed.ahead].map((ahead) => ({
      ...{ device: device.id, counter: Math.max(0, first + ahead) },
    }));
  }

  private again({ skewMs, back, change }: Extract<Step, { do: 'again' }>): void {
    const earlier = this.asked.at(-1 - back);
    if (earlier === undefined) return;
    const attempt = { ...earlier.attempt };
    if (change === 'verb') attempt.verb = attempt.verb === 'verify' ? 'device.confirm' : 'verify';
    const other = this.id(back + 1);
    if (change === 'name' && other !== undefined) attempt.device = other;
    if (change === 'origin') attempt.origin = 'elsewhere';
    this.attempt(attempt, earlier.typed, this.now + skewMs);
  }

  private attempt(attempt: Attempt, typed: Typed, clock: number): void {
    this.asked.push({ attempt, typed });
    const { at } = this;
    const decision = this.decide(attempt, typed, clock);
    if (decision.kind === 'fail') return this.count(decision.code);
    if (decision.kind === 'ask') throw new Error('judge asked twice');
    if (decision.kind === 'append') this.append(decision.event);
    const verdict = decision.kind === 'append' ? decision.answer(this.at.sequence) : decision.verdict;
    this.count(verdict.repeated ? 'repeated' : (verdict.reason ?? verdict.verdict));
    this.checkVerdict(at, attempt, typed, clock, verdict, decision);
    if (!verdict.repeated) this.told.push({ attempt, verdict });
  }

  private decide(attempt: Attempt, typed: Typed, clock: number): Decision {
    const profiles = profilesOf(this.at.state);
    const first = judge(this.at, attempt, profiles, clock);
    if (first.kind !== 'ask') return first;
    const { candidates } = first;
    const width = candidates.reduce((sum, { floor, last }) => sum + Math.max(0, last - floor + 1), 0);
    rule(width <= 32, `one guess could hit ${width} codes`);
    rule(candidates.length > 0, 'nobody is asked about');
    for (const { device, floor, from, count, last } of candidates) {
      rule(floor >= device.floor, 'a spent counter could be accepted');
      rule(from >= 0 && count >= 1 && count <= 32 && from + count - 1 >= last, 'a question that cannot be asked');
    }
    return judge(this.at, attempt, profiles, clock, matched(candidates, typed));
  }

  private checkVerdict(
    at: Standing,
    attempt: Attempt,
    typed: Typed,
    clock: number,
    verdict: Verdict,
    decision: Decision,
  ): void {
    const { state: before } = at;
    const { state } = this.at;
    const name = before.origins?.some(({ origin, at }) => origin === attempt.origin && clock - at < 30 * DAY)
      ? 'known'
      : 'unknown';
    const budget = this.budgets[name];
    const looked = verdict.repeated !== true && ['wrong_code', 'replayed', undefined].includes(verdict.reason);
    if (looked || verdict.verdict === 'accepted') {
      rule(!before.frozen, 'a frozen account looked at a code');
      const open = budget.at + waitMs(budget.wrong) - 2 * SKEW_MS * Number(waitMs(budget.wrong) > 0) <= this.now;
      rule(open, `I2: answered though ${budget.wrong} wrong codes had closed the ${name} budget`);
    }
    if (verdict.repeated) this.checkRepeated(before, attempt, clock, verdict);
    else if (verdict.verdict === 'accepted') this.checkAccepted(before, attempt, typed, clock, verdict, name, decision);
    else if (verdict.reason === 'wrong_code') {
      rule(decision.kind === 'append', 'I2: a wrong guess was answered without an append');
      budget.wrong += 1;
      budget.at = this.now;
      rule(
        state[name]?.wrong === budget.wrong,
        `I2: the ${name} budget says ${state[name]?.wrong}, not ${budget.wrong}`,
      );
    } else if (verdict.reason === 'locked') this.checkLocked(at, attempt, clock, decision);
    for (const each of ['known', 'unknown'] as const)
      rule((state[each]?.wrong ?? 0) === this.budgets[each].wrong, `the ${each} budget changed by itself`);
  }

  private checkAccepted(
    before: AccountState,
    attempt: Attempt,
    typed: Typed,
    clock: number,
    verdict: Verdict,
    name: 'known' | 'unknown',
    decision: Decision,
  ): void {
    if (decision.kind !== 'append') throw new Error('I3: accepted without an append');
    const { device, counter } = decision.event as Extract<AccountEvent, { type: 'accepted' }>;
    const was = before.devices.find(({ id }) => id === device);
    const shown = typed.some((each) => each.device === device && each.counter === counter);
    rule(shown && verdict.device === device, 'accepted for a device that did not show the code');
    const { type, floor = 0 } = was ?? {};
    const farthest = type === 'hotp' ? floor - 3 : Math.floor(clock / 30_000) - 4;
    const used = typed.find((each) => each.device === device && each.counter >= farthest && each.counter < floor);
    rule(used === undefined, `I1: accepted for ${counter}, and ${used?.counter}, which is spent, has the same code`);
    rule(!this.spent.has(`${device}/${counter}`), `I1: ${device} ${counter} was accepted twice`);
    this.spent.add(`${device}/${counter}`);
    const right = attempt.verb === 'verify' ? 'active' : 'pending';
    rule(was?.status === right, `I4: ${attempt.verb} accepted a device that is ${was?.status}`);
    rule(attempt.device === undefined ? !was?.namedOnly : attempt.device === device, 'accepted a device not asked for');
    if (attempt.verb === 'verify') this.budgets[name].wrong = 0;
  }

  private checkRepeated(before: AccountState, attempt: Attempt, clock: number, verdict: Verdict): void {
    const { reason, device, sequence, at } = verdict;
    const original = [verdict.verdict, reason, device, sequence, at].join();
    const wasSaid = this.told.some(
      ({ attempt: { request, verb }, verdict: said }) =>
        request === attempt.request &&
        verb === attempt.verb &&
        [said.verdict, said.reason, said.device, said.sequence, said.at].join() === original,
    );
    rule(wasSaid, 'repeated what was never said');
    rule(clock - at < MINUTE, 'repeated what was said over a minute ago');
    if (verdict.verdict === 'accepted') {
      const status = before.devices.find(({ id }) => id === verdict.device)?.status;
      rule(status === 'active', `I4: accepted again a device that is ${status}`);
      rule(attempt.device === undefined || attempt.device === verdict.device, 'repeated for another device');
    }
    const floors = ({ devices }: AccountState) => JSON.stringify(devices.map(({ floor }) => floor));
    const kept = this.at.state.devices.length !== before.devices.length || floors(before) === floors(this.at.state);
    rule(kept, 'a repeated verdict spent a counter');
  }

  /** I2: refusals say and write the same whatever was typed. */
  private checkLocked(at: Standing, attempt: Attempt, clock: number, decision: Decision): void {
    const [longest = 0] = Object.values(this.budgets)
      .map(({ at: last, wrong }) => (waitMs(wrong) > 0 ? last + waitMs(wrong) + 2 * SKEW_MS : 0))
      .sort((a, b) => b - a);
    rule(this.now <= longest, 'LOCKED though no budget is closed');
    const right = at.state.devices.map(({ id, floor }) => ({ device: id, counter: floor, receipt: 'r' }));
    for (const matches of [undefined, [], right]) {
      const other = judge(at, attempt, profilesOf(at.state), clock, matches);
      rule(text(other) === text(decision), 'I2: LOCKED depends on the code');
    }
  }

  private append(event: AccountEvent | undefined): void {
    if (event === undefined) return;
    const before = this.at;
    const bytes = Buffer.from(JSON.stringify({ ...event, after: before.sequence, nonce: 'n'.repeat(12) }));
    this.largestBytes = Math.max(this.largestBytes, bytes.length);
    const { after: _after, nonce: _nonce, ...read } = parseEvent(bytes);
    rule(JSON.stringify(read) === JSON.stringify(event), 'an event is read otherwise than it was written');
    this.checkFold(before, event);
    this.at = standing(read.state, before.sequence + 1 + (before.sequence % 3));
    this.events.push(event);
    this.checkDevices();
  }

  /** What an event says is enough to judge it again (audit folds history so). */
  private checkFold(before: Standing, event: AccountEvent): void {
    const stored = { ...event, after: before.sequence, nonce: 'n' };
    const judged = { profiles: profilesOf(before.state), rules: [DEFAULT_RULES] };
    const reason = illegality(event.type === 'created' ? undefined : before, stored, judged);
    rule(reason === undefined, `a ${event.type} event cannot be folded again: ${reason}`);
    const bent = { ...stored, state: { ...stored.state, names: stored.state.names + 1 } };
    rule(illegality(before, bent, judged) !== undefined, `a ${event.type} event with another state is legal`);
  }

  private checkDevices(): void {
    const { devices } = this.at.state;
    const present = new Set(devices.map(({ id }) => id));
    rule(present.size === devices.length, 'two devices share an id');
    rule(devices.filter(({ status }) => status !== 'revoked').length <= 16, 'more than 16 devices');
    rule(devices.length <= 16 + 5, 'revoked devices pile up');
    for (const [id, seen] of this.devices) if (!present.has(id)) seen.present = false;
    for (const { id, floor, status } of devices) {
      const seen = this.devices.get(id) ?? { floor, status, present: true };
      rule(seen.present, `${id} came back`);
      rule(floor >= seen.floor, `I1: the floor of ${id} fell`);
      rule(seen.status !== 'revoked' || status === 'revoked', `I4: ${id} was revoked and is ${status}`);
      this.devices.set(id, { floor, status, present: true });
    }
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

function rule(holds: boolean, broken: string): void {
  if (!holds) throw new Error(broken);
}

/** A decision as text, with what it would answer. */
const text = (decision: Decision | AccountEvent): string =>
  JSON.stringify('kind' in decision && decision.kind === 'append' ? [decision, decision.answer(99)] : decision);
