import type { Verdict } from '@countersign/contracts';
import type { Answered, Asked, Born, CodeQuestion } from '../history/entry.js';
import type { AccountFacts } from './account-facts.js';
import type { Claims } from './claims.js';
import { codeOf } from './code-of.js';
import { hash, type Kind, type Row } from './columns.js';
import type { DeviceFacts } from './device-facts.js';
import { expected, spentNearby } from './expected.js';
import type { LedgerFacts } from './ledger-facts.js';
import type { Violations } from './violations.js';

const CLOCKS_MS = 20; // NATS and the torturer read the same machine's clock
const MINUTE_MS = 60_000;

/** A question that showed a code. */
export type AskedCode = Asked & { question: CodeQuestion };
/** One verdict, and the question that got it. */
interface Given {
  asked: AskedCode;
  answered: Answered;
  verdict: Verdict;
  account: AccountFacts;
  row: Row | undefined;
}

const ACCEPTANCE: Record<CodeQuestion['verb'], Kind> = { verify: 'accepted', 'device.confirm': 'confirmed' };

/** Holds every answered verdict against the ledger. */
export class Answers {
  private readonly keys = new Map<string, Buffer>();
  /** when a revocation was answered, by device */
  private readonly revoked = new Map<DeviceFacts, number>();
  /** acceptances that the ledger does not have, by device and counter */
  private readonly phantoms = new Set<string>();

  constructor(
    private readonly facts: LedgerFacts,
    private readonly violations: Violations,
    private readonly claims: Claims,
  ) {}

  born({ tenant, account, device, key }: Born): void {
    this.keys.set(`${tenant} ${account} ${device}`, Buffer.from(key, 'hex'));
  }

  done({ tenant, account, question }: Asked, { at }: Answered): void {
    if (question.verb !== 'device.revoke') return;
    const device = this.facts.accountOf(tenant, account)?.devices.get(question.device);
    if (device !== undefined && !this.revoked.has(device)) this.revoked.set(device, at);
  }

  verdict(asked: AskedCode, answered: Answered, verdict: Verdict): void {
    const account = this.facts.accountOf(asked.tenant, asked.account);
    if (account === undefined) return this.nobodys(asked, answered, verdict);
    const there = this.facts.columns.at(verdict.sequence);
    const row = there?.account === account.index ? there : undefined;
    const given = { asked, answered, verdict, account, row };
    if (verdict.verdict === 'accepted') return this.accepted(given);
    switch (verdict.reason) {
      case 'wrong_code':
        return this.wrong(given);
      case 'replayed':
        return this.replayed(given);
      default:
        if (row === undefined) this.add('lost_rejections', `${verdict.reason}, by no event of the account`, given);
    }
  }

  /** Nobody has this name. Its budget is in no ledger, but each wrong code has its event there. */
  private nobodys(asked: AskedCode, answered: Answered, verdict: Verdict): void {
    if (verdict.verdict === 'accepted')
      this.violations.add('wrong_accepts', 'accepted, and nobody has such an account', asked, answered);
    if (verdict.reason !== 'wrong_code' || verdict.repeated === true) return;
    const row = this.facts.columns.at(verdict.sequence);
    const own = row?.kind === 'nobody' && row.by === hash(asked.caller) && row.at === verdict.at;
    if (!own || this.claims.owned(verdict))
      this.violations.add('uncounted_guesses', 'no event of its own notes this wrong code', asked, answered, row);
  }

  private accepted(given: Given): void {
    const { asked, answered, verdict, account, row } = given;
    const device = account.devices.get(verdict.device ?? '');
    const told = device && this.revoked.get(device);
    const tooLate = told !== undefined && asked.at > told;
    if (tooLate) this.add('after_revocation_accepts', `accepted, and its revocation was answered at ${told}`, given);
    if (row?.kind !== ACCEPTANCE[asked.question.verb] || row.device !== device?.index || !isOf(row, given)) {
      this.phantom(given);
      return this.add('lost_accepts', 'accepted, and no such event is in the ledger', given);
    }
    if (!this.shows(asked, device, row.counter))
      this.add('wrong_accepts', `accepted, and this is not the device's code at ${row.counter}`, given);
    if (verdict.repeated !== true && this.showsSpent(given, row.after, row.counter))
      this.add('double_accepts', 'accepted, and the code is that of a spent counter, too', given);
    if (this.phantoms.has(`${device.index} ${row.counter}`))
      this.add('double_accepts', `counter ${row.counter} was answered accepted before`, given);
    const { columns } = this.facts;
    if (verdict.repeated === true) {
      if (!this.sameQuestion(given)) this.add('double_accepts', 'an acceptance of another question', given);
      columns.repeats[verdict.sequence] = (columns.repeats[verdict.sequence] ?? 0) - 1;
      if ((columns.repeats[verdict.sequence] as number) < 0)
        this.add('lost_accepts', 'an acceptance was answered again without an event of its own', given);
    } else if (this.claims.owned(given.verdict) || !this.sameQuestion(given))
      this.add('double_accepts', 'this acceptance was answered to another question, too', given);
    else if (row.storedAt + CLOCKS_MS < asked.at && !tooLate)
      this.add('lost_accepts', `accepted by an event of ${row.storedAt}, before it was asked`, given);
    if (answered.at + CLOCKS_MS < row.storedAt)
      this.add('lost_accepts', `accepted before it was stored at ${row.storedAt}`, given);
  }

  /** An acceptance without an event: a second one of the same code is a double one all the same. */
  private phantom(given: Given): void {
    const { asked, verdict, account } = given;
    const device = account.devices.get(verdict.device ?? '');
    const { counter } = asked.question;
    if (device === undefined || counter === undefined) return;
    const real = device.accepted.get(counter);
    const name = `${device.index} ${counter}`;
    if (this.phantoms.has(name) || (real !== undefined && this.facts.columns.owners[real] === 1))
      this.add('double_accepts', `counter ${counter} was answered accepted before`, given);
    this.phantoms.add(name);
  }

  private wrong(given: Given): void {
    const { verdict, row } = given;
    const own = row?.kind === 'rejected' && isOf(row, given);
    if (verdict.repeated === true) {
      if (!own || !this.sameQuestion(given)) this.add('lost_rejections', 'no such wrong code is in the ledger', given);
      return;
    }
    if (!own || this.claims.owned(given.verdict) || !this.sameQuestion(given))
      return this.add('uncounted_guesses', 'no event of its own counts this wrong code', given);
    this.unlessWrong(given, 'wrong');
  }

  private replayed(given: Given): void {
    const { verdict, account, row } = given;
    if (row === undefined) return this.add('lost_rejections', 'replayed, by no event of the account', given);
    const own = row.kind === 'replayed' && isOf(row, given);
    if (!own && !this.replayNoted(account, given))
      this.add('lost_rejections', 'replayed, and the ledger has no such replay of that minute', given);
    else if (verdict.repeated !== true && !this.showsSpent(given, verdict.sequence)) this.unlessWrong(given, 'spent');
  }

  /** Noted once a minute: an earlier event of the account is it. */
  private replayNoted(account: AccountFacts, { verdict, asked }: Given): boolean {
    const device = account.devices.get(verdict.device ?? '');
    for (let sequence = verdict.sequence; sequence > 0;) {
      const row = this.facts.columns.at(sequence);
      if (row === undefined || row.at < verdict.at - 2 * MINUTE_MS) return false;
      if (row.kind === 'replayed' && row.device === device?.index && this.shows(asked, device, row.counter))
        return true;
      sequence = row.after;
    }
    return false;
  }

  private unlessWrong(given: Given, called: 'wrong' | 'spent'): void {
    const { asked, account, verdict } = given;
    const { question } = asked;
    const shownBy = question.verb === 'verify' ? question.shownBy : question.device;
    const device = account.devices.get(shownBy ?? '');
    if (device !== undefined && expected(this.facts, device, question, verdict))
      this.add('wrong_rejects', `a right code was called ${called}`, given);
  }

  /** Whether the code is this device's at `counter`, by its key. */
  private shows({ tenant, account, question }: AskedCode, { id }: DeviceFacts, counter: number): boolean {
    const key = this.keys.get(`${tenant} ${account} ${id}`);
    return key !== undefined && codeOf(key, counter) === question.code;
  }

  /** Whether a counter spent at `sequence`, but not `itself`, has this code: then it is a replay, whatever else it is. */
  private showsSpent({ asked, account, verdict }: Given, sequence: number, itself?: number): boolean {
    const device = account.devices.get(verdict.device ?? '');
    if (device === undefined) return false;
    const spent = spentNearby(this.facts, device, sequence, verdict.at);
    return spent.some((counter) => counter !== itself && this.shows(asked, device, counter));
  }

  private owned(verdict: Verdict): boolean {
    return this.claims.owned(verdict);
  }

  private sameQuestion({ asked: { caller, question }, verdict }: Given): boolean {
    return this.claims.sameQuestion(verdict, caller, question.requestId, question.code);
  }

  private add(rule: Parameters<Violations['add']>[0], says: string, { asked, answered, verdict, row }: Given): void {
    this.violations.add(rule, says, asked, answered, row && { sequence: verdict.sequence, ...row });
  }
}

/** Whether the event is the one that this caller's verdict was made from. */
const isOf = (row: Row, { asked, verdict }: Given): boolean => row.by === hash(asked.caller) && row.at === verdict.at;
