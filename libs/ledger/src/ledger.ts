import {
  Failure,
  LEDGER_STREAM,
  POLICY_TOKEN,
  TENANT_TOKEN,
  ledgerSubject,
  recordSubject,
  type AccountId,
  type DeviceId,
  type Nobody,
  type PolicyHistoryEntry,
  type Tenant,
} from '@countersign/contracts';
import {
  STATE_VERSION,
  parseEvent,
  parsePolicy,
  parseRecord,
  type AccountEvent,
  type DeviceRecord,
  type PolicyEvent,
  type Standing,
  type StoredEvent,
  type TenantEvent,
} from '@countersign/account';
import type { Bus, Monotonic } from '@countersign/bus';
import { reasonOf, type Clock, type Log, type Random } from '@countersign/runtime';
import type { VerifierKey } from '@countersign/tlog';
import { Appender, type Appended } from './appender.js';
import { signedSize } from './signed-size.js';
import { HighWater } from './high-water.js';
import { NobodyLanes } from './nobody-lanes.js';
import { Premises } from './premises.js';
import { StreamReader, type Message } from './stream-reader.js';

export interface LedgerParts {
  bus: Bus;
  clock: Clock;
  random: Random;
  log: Log;
  /** where the highest sequence seen is kept */
  highWaterFile: string;
  /** who signs the log: a ledger that ends before the last checkpoint went back. Absent: none are looked at */
  auditKey?: VerifierKey;
  /** ms that only grow; tests give another */
  monotonicMs?: Monotonic;
}

/** An account as the ledger's leader has it. */
export interface AccountReading extends Standing {
  event: StoredEvent;
  /** when it was asked for, ms since 1970: it was the last word then or later; 0: it may not be any more */
  readAt: number;
}

/** Somebody waits this much longer for the answer, ms. */
export interface Waiting {
  remainingMs(): number;
}

const UPDATE_TRIES = 5;
const MAX_UNSETTLED = 1000; // appends that wait for a JetStream that does not acknowledge; more would only pile up

/** Every fact about every account: one subject an account, one last word (its last message). */
export class Ledger {
  private readonly reader: StreamReader;
  private readonly appender: Appender;
  private readonly lanes: NobodyLanes;
  private readonly highWater: HighWater;
  private readonly premises: Premises;

  private constructor(private readonly parts: LedgerParts) {
    const { bus, clock, random, log } = parts;
    this.reader = new StreamReader(bus, LEDGER_STREAM);
    this.appender = new Appender(bus, this.reader, random, log);
    this.lanes = new NobodyLanes(this.appender, this.reader, random);
    this.highWater = new HighWater(parts.highWaterFile, log);
    const signed = signedSize(parts);
    this.premises = new Premises(bus, this.reader, this.highWater, clock, log, parts.monotonicMs, signed);
  }

  /** Opens the ledger and looks at its premises once; what does not hold is refused from then on by `assertUsable`. */
  static async open(parts: LedgerParts): Promise<Ledger> {
    const ledger = new Ledger(parts);
    await ledger.premises.check();
    return ledger;
  }

  /** Throws UNAVAILABLE or ROLLBACK while the premises do not hold. Before every evaluation and every append. */
  assertUsable(): void {
    this.premises.assert();
    if (this.appender.unsettled >= MAX_UNSETTLED)
      throw new Failure('UNAVAILABLE', 'too many appends wait for their acknowledgement', { retryAfterMs: 1000 });
  }

  /** When the stream was made, as the server says it: another stream has another identity. Empty before the first look. */
  get identity(): string {
    return this.premises.created;
  }

  /** The account's last word, from the leader. Undefined: no such account. Throws UNAVAILABLE. */
  async account(tenant: Tenant, id: AccountId): Promise<AccountReading | undefined> {
    const readAt = this.parts.clock.now();
    const message = await this.reader.last(ledgerSubject(tenant, id));
    return message && this.reading(message, readAt);
  }

  /** The account's first event after a sequence, with the state it left. `readAt` is 0: others may have followed. */
  async accountAfter(tenant: Tenant, id: AccountId, sequence: number): Promise<AccountReading | undefined> {
    const message = await this.reader.next(sequence + 1, ledgerSubject(tenant, id));
    return message && this.reading(message, 0);
  }

  /**
   * The event at a sequence that a conflict named, if it is this account's. It was the last word when the conflict was
   * answered, and may not be any more: `readAt` is 0.
   */
  async accountAt(tenant: Tenant, id: AccountId, sequence: number): Promise<AccountReading | undefined> {
    const message = await this.reader.at(sequence);
    return message?.subject === ledgerSubject(tenant, id) ? this.reading(message, 0) : undefined;
  }

  /** Appends an account's event after the sequence it was made from. Resolves when the outcome is known. Throws LIMIT. */
  async append(tenant: Tenant, id: AccountId, event: AccountEvent, after: number): Promise<Appended> {
    this.assertUsable();
    return this.noted(await this.appender.append(ledgerSubject(tenant, id), event, after));
  }

  /**
   * Reads, changes and appends, again when another event came between. `change` gives undefined when nothing has to
   * change. Throws NOT_FOUND, what `change` throws, UNAVAILABLE after 5 conflicts, and OUTCOME_UNKNOWN when nobody waits
   * any longer for an append that is being settled. `from`: as it was read already, which saves reading it again.
   */
  async update(
    tenant: Tenant,
    id: AccountId,
    change: (standing: Standing) => AccountEvent | undefined,
    waiting: Waiting,
    from?: Standing,
  ): Promise<Standing> {
    for (let tries = 0; tries < UPDATE_TRIES; tries += 1) {
      const standing = tries === 0 && from !== undefined ? from : await this.account(tenant, id);
      if (standing === undefined) throw new Failure('NOT_FOUND', 'there is no such account');
      const event = change(standing);
      if (event === undefined) return standing;
      const appended = await inTime(this.append(tenant, id, event, standing.sequence), waiting);
      if (appended.kind === 'stored') return { state: event.state, sequence: appended.sequence };
    }
    throw new Failure('UNAVAILABLE', 'others kept changing this account; nothing was done', { retryAfterMs: 100 });
  }

  /** Writes a key's record, once and for ever; its sequence. Throws CONFLICT when that key has one already. */
  async writeRecord(tenant: Tenant, id: AccountId, record: Omit<DeviceRecord, 'nonce'>): Promise<number> {
    this.assertUsable();
    const subject = recordSubject(tenant, id, record.device, record.epoch);
    const appended = this.noted(await this.appender.append(subject, record, 0));
    if (appended.kind === 'stored') return appended.sequence;
    throw new Failure('CONFLICT', `device ${record.device} has a key of epoch ${record.epoch} already`);
  }

  /**
   * Writes a record of a key beside those that were written of the same epoch before; its sequence. Only the one counts that
   * a state names. Throws UNAVAILABLE after 5 conflicts.
   */
  async addRecord(tenant: Tenant, id: AccountId, record: Omit<DeviceRecord, 'nonce'>): Promise<number> {
    this.assertUsable();
    const subject = recordSubject(tenant, id, record.device, record.epoch);
    let after = 0;
    for (let tries = 0; tries < UPDATE_TRIES; tries += 1) {
      const appended = this.noted(await this.appender.append(subject, record, after));
      if (appended.kind === 'stored') return appended.sequence;
      after = appended.last ?? (await this.reader.last(subject))?.sequence ?? 0;
    }
    throw new Failure('UNAVAILABLE', 'others kept writing keys of this device; nothing was done', {
      retryAfterMs: 100,
    });
  }

  /** The newest record there is of a device, whether or not a state names it. */
  async lastRecord(
    tenant: Tenant,
    id: AccountId,
    device: DeviceId,
  ): Promise<{ epoch: number; sequence: number } | undefined> {
    const message = await this.reader.last(recordSubject(tenant, id, device, '*'));
    return message && { epoch: parseRecord(message.data).epoch, sequence: message.sequence };
  }

  /** The record that a state names. Throws UNAVAILABLE when it is not there. */
  async record(sequence: number): Promise<DeviceRecord> {
    const message = await this.reader.at(sequence);
    if (message === undefined) throw new Failure('UNAVAILABLE', `the ledger has no record at ${sequence}`);
    return parseRecord(message.data);
  }

  /** Notes that somebody asked about a name which no account has. Its sequence, once that is known. Throws UNAVAILABLE. */
  async nobody(tenant: Tenant, event: Nobody): Promise<number> {
    this.assertUsable();
    const sequence = await this.lanes.append(tenant, event);
    this.highWater.saw(sequence);
    return sequence;
  }

  /** The tenant's settings. Undefined: no such tenant. */
  async tenant(tenant: Tenant): Promise<TenantEvent | undefined> {
    const message = await this.reader.last(ledgerSubject(tenant, TENANT_TOKEN));
    return message && (JSON.parse(Buffer.from(message.data).toString('utf8')) as TenantEvent);
  }

  /** The tenant's policy as it is now. Undefined: none was ever decided. Throws UNAVAILABLE. */
  async policy(tenant: Tenant): Promise<PolicyHistoryEntry | undefined> {
    const message = await this.reader.last(ledgerSubject(tenant, POLICY_TOKEN));
    return message && policyIn(message);
  }

  /** The first policy decided after the version `after`. */
  async policyAfter(tenant: Tenant, after: number): Promise<PolicyHistoryEntry | undefined> {
    const message = await this.reader.next(after + 1, ledgerSubject(tenant, POLICY_TOKEN));
    return message && policyIn(message);
  }

  /** Decides a tenant's policy after the version it was made from. Resolves when the outcome is known. */
  async decidePolicy(tenant: Tenant, event: Omit<PolicyEvent, 'type' | 'v'>, after: number): Promise<Appended> {
    this.assertUsable();
    const whole: PolicyEvent = { type: 'policy', v: STATE_VERSION, ...event };
    return this.noted(await this.appender.append(ledgerSubject(tenant, POLICY_TOKEN), whole, after));
  }

  /** The message at a sequence, for those who read history in order. */
  at(sequence: number): Promise<Message | undefined> {
    return this.reader.at(sequence);
  }

  /** The first message at or after `sequence` whose subject matches `filter` (wildcards allowed). */
  next(sequence: number, filter: string): Promise<Message | undefined> {
    return this.reader.next(sequence, filter);
  }

  /** The sequence of the last message. */
  async lastSequence(): Promise<number> {
    return (await this.reader.info()).lastSequence;
  }

  async close(): Promise<void> {
    this.premises.close();
    await this.highWater.close().catch((error: unknown) => {
      this.parts.log.error('the high-water file was not written', { reason: reasonOf(error) });
    });
  }

  private reading(message: Message, readAt: number): AccountReading {
    this.highWater.saw(message.sequence);
    const event = parseEvent(message.data);
    return { event, state: event.state, sequence: message.sequence, readAt };
  }

  private noted(appended: Appended): Appended {
    if (appended.kind === 'stored') this.highWater.saw(appended.sequence);
    return appended;
  }
}

function policyIn({ sequence, data }: Message): PolicyHistoryEntry {
  const { at, by, policy } = parsePolicy(data);
  return { version: sequence, at, by, policy };
}

/** What `work` gives, or OUTCOME_UNKNOWN once nobody waits any longer. The work goes on. */
export async function inTime<T>(work: Promise<T>, waiting: Waiting): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure('OUTCOME_UNKNOWN')), waiting.remainingMs());
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
