import type { LedgerMessage } from '../history/entry.js';
import { AccountFacts } from './account-facts.js';
import { ChallengeFold, type ChallengeEvent } from './challenge-facts.js';
import { Columns, KINDS, hash, type Kind, type Row } from './columns.js';
import { DeviceFacts, type Profile } from './device-facts.js';
import type { Guesses } from './guesses.js';
import type { Violations } from './violations.js';

const REPEAT_MS = 60_000;

/** An event's own fields, as far as the checker reads them; of the state it carries only how a device came to be. */
interface Event extends ChallengeEvent {
  after?: number;
  at: number;
  device: string;
  counter?: number;
  origin?: string;
  request?: string;
  of?: number;
  status: 'pending' | 'active';
  state?: { devices?: { id: string; epoch: number; floor: number; namedOnly?: true }[] };
}

/**
 * Folds the ledger, message by message in its order, by rules written here again: what was accepted, who may be, what was
 * guessed. What breaks an invariant by the ledger alone is a violation; the rest is kept for the answers.
 */
export class LedgerFacts {
  readonly columns = new Columns();
  readonly accounts = new Map<string, AccountFacts>();
  readonly devices: DeviceFacts[] = [];
  readonly challenges: ChallengeFold;
  /** the fullest budget there ever was */
  readonly most = { wrong: 0, allowed: 0 };
  messages = 0;
  private readonly records = new Set<string>();
  /** sequence of the last question about nobody, by lane */
  private readonly lanes = new Map<string, number>();

  constructor(private readonly violations: Violations) {
    this.challenges = new ChallengeFold(violations);
  }

  take(message: LedgerMessage): void {
    this.messages += 1;
    const [, tenant = '', id = '', device, epoch] = message.subject.split('.');
    if (id === '_nobody') return this.nobody(message);
    const account = this.account(tenant, id);
    if (device !== undefined) this.record(account, `${device}.${epoch}`, message);
    else this.event(account, message);
  }

  /** Undefined: the ledger has no such account. */
  accountOf(tenant: string, id: string): AccountFacts | undefined {
    return this.accounts.get(`ledger.${tenant}.${id}`);
  }

  private account(tenant: string, id: string): AccountFacts {
    const subject = `ledger.${tenant}.${id}`;
    const there = this.accounts.get(subject);
    if (there !== undefined) return there;
    const account = new AccountFacts(this.accounts.size, subject);
    this.accounts.set(subject, account);
    return account;
  }

  private record(account: AccountFacts, key: string, message: LedgerMessage): void {
    if (this.records.has(message.subject)) this.violations.add('forks', 'a record of a key was written twice', message);
    this.records.add(message.subject);
    account.profiles.set(key, message.body['profile'] as Profile);
  }

  /** A question about a name that no account has: one of a chain, too. */
  private nobody(message: LedgerMessage): void {
    const { subject, sequence, storedAt } = message;
    const { after, at, by = '' } = message.body as unknown as Event;
    const last = this.lanes.get(subject) ?? 0;
    if (after !== last) this.violations.add('forks', `an event follows ${after}, and the last one is ${last}`, message);
    this.lanes.set(subject, sequence);
    const row = { kind: 'nobody', account: -1, device: -1, counter: -1, after: last, request: 0 } as const;
    this.columns.put(sequence, { ...row, by: hash(by), at, storedAt });
  }

  private event(account: AccountFacts, message: LedgerMessage): void {
    const { sequence, storedAt } = message;
    const event = message.body as unknown as Event;
    if (event.after !== account.last) {
      this.violations.add('forks', `an event follows ${event.after}, and the last one is ${account.last}`, message);
      account.forked = true;
    }
    account.last = sequence;
    if (event.type === 'enrolled' || event.type === 'imported') this.born(account, event, sequence);
    if (event.type === 'challenge_issued') this.challenges.issued(account, event, event.at);
    const device = account.devices.get(event.device);
    const row: Row = {
      kind: kindOf(event),
      account: account.index,
      device: device?.index ?? -1,
      counter: event.counter ?? account.challenges.get(event.challenge ?? '')?.index ?? -1,
      after: event.after ?? 0,
      by: hash(event.by ?? ''),
      at: event.at,
      storedAt,
      request: event.request === undefined ? 0 : hash(event.request),
    };
    this.columns.put(sequence, row);
    this.fold(account, device, row, event, message);
  }

  private born(account: AccountFacts, { device: id, state, status }: Event, sequence: number): void {
    const { epoch = 1, floor = 0, namedOnly = false } = state?.devices?.find((each) => each.id === id) ?? {};
    const profile = account.profiles.get(`${id}.${epoch}`) ?? { type: 'hotp' };
    const birth = { sequence, status, floor, namedOnly };
    const device = new DeviceFacts(this.devices.length, account.index, id, epoch, profile, birth);
    this.devices.push(device);
    account.devices.set(id, device);
  }

  private fold(
    account: AccountFacts,
    device: DeviceFacts | undefined,
    row: Row,
    event: Event,
    message: LedgerMessage,
  ): void {
    const guesses = account.guesses(event.origin, row.at);
    if (JUDGED.includes(row.kind) && guesses.closed(row.at))
      this.violations.add('judged_while_closed', `judged after ${guesses.wrong} wrong codes`, message);
    if (event.type === 'refused' && !guesses.closed(row.at))
      this.violations.add('wrong_rejects', `refused as locked after ${guesses.wrong} wrong codes`, message);
    if (event.type === 'frozen' && !account.forked)
      this.violations.add('stuck', 'an account was frozen whose events follow each other', message);
    const challenge = account.challenges.get(event.challenge ?? '');
    switch (row.kind) {
      case 'challenge_wrong':
      case 'challenge_refused':
        this.challenges.rejected(challenge, row, event, message);
        return this.guessed(guesses, row);
      case 'challenge_accepted':
        return this.challenges.accepted(challenge, row, event, message);
      case 'rejected':
        return this.guessed(guesses, row);
      case 'accepted':
      case 'confirmed':
        this.accept(device, row, message);
        if (row.kind === 'accepted') account.accept(event.origin, row.at);
        return;
      case 'repeated':
        return this.repeat(device, row, event.of ?? 0, message);
      case 'replayed':
        if (device === undefined || row.counter > device.spent)
          this.violations.add('wrong_rejects', 'called replayed, and was never spent', message);
        return;
      case 'disabled':
      case 'enabled':
      case 'revoked':
        if (device !== undefined && device.status !== 'revoked')
          device.status = row.kind === 'enabled' ? 'active' : row.kind;
        return;
      default:
        if (event.type === 'unlocked') account.unlock();
        if (event.type === 'challenge_cancelled' && challenge !== undefined) challenge.cancelled = true;
    }
  }

  private guessed(guesses: Guesses, { at }: Row): void {
    guesses.count(at);
    const { wrong, allowed } = guesses;
    if (wrong > this.most.wrong) Object.assign(this.most, { wrong, allowed });
  }

  private accept(device: DeviceFacts | undefined, row: Row, message: LedgerMessage): void {
    if (device === undefined) return this.violations.add('wrong_accepts', 'the account has no such device', message);
    const { accepted } = device;
    const before = accepted.get(row.counter);
    if (device.shut)
      this.violations.add('after_revocation_accepts', `accepted while the device was ${device.status}`, message);
    else if (device.status !== (row.kind === 'confirmed' ? 'pending' : 'active'))
      this.violations.add('wrong_accepts', `${row.kind} while the device was ${device.status}`, message);
    if (before !== undefined)
      this.violations.add('double_accepts', `counter ${row.counter} was accepted at ${before} already`, message);
    else if (!device.takes(row.counter, row.at))
      this.violations.add('wrong_accepts', `counter ${row.counter} was not acceptable after ${device.spent}`, message);
    if (before === undefined) accepted.set(row.counter, message.sequence);
    if (row.kind === 'confirmed' && !device.shut) device.status = 'active';
    device.spent = Math.max(device.spent, row.counter);
  }

  private repeat(device: DeviceFacts | undefined, row: Row, of: number, message: LedgerMessage): void {
    const first = this.columns.at(of);
    if (device?.shut)
      this.violations.add('after_revocation_accepts', `repeated while the device was ${device.status}`, message);
    const repeats = first?.kind === 'accepted' || first?.kind === 'confirmed';
    if (!repeats || first.account !== row.account || first.device !== row.device)
      return this.violations.add('lost_accepts', `repeats ${of}, which is no acceptance of this device`, message);
    if (first.by !== row.by || first.request === 0 || first.request !== row.request)
      this.violations.add('double_accepts', `the acceptance at ${of} was repeated to another question`, message);
    else if (row.at - first.at >= REPEAT_MS)
      this.violations.add(
        'double_accepts',
        `the acceptance at ${of} was repeated ${row.at - first.at} ms later`,
        message,
      );
    this.columns.repeats[of] = (this.columns.repeats[of] ?? 0) + 1;
  }
}

/** Events that a code was judged for. */
const JUDGED: Kind[] = [
  ...(['accepted', 'confirmed', 'repeated', 'rejected', 'replayed'] as const),
  ...(['challenge_accepted', 'challenge_wrong', 'challenge_refused'] as const),
];

function kindOf({ type, reason }: Event): Kind {
  if (type === 'challenge_rejected') return reason === 'wrong_code' ? 'challenge_wrong' : 'challenge_refused';
  return KINDS.find((kind) => kind === type) ?? 'other';
}
