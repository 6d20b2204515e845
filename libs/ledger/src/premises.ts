import { Failure } from '@countersign/contracts';
import { reasonOf, type Clock, type Log } from '@countersign/runtime';
import { monotonicMs, type Bus, type Monotonic } from '@countersign/bus';
import type { HighWater } from './high-water.js';
import { CLOCK_SKEW, USABLE } from './ledger-metrics.js';
import type { StreamInfo, StreamReader } from './stream-reader.js';

/** The first release whose replicated streams keep the comparison atomic (nats-server issue 4320 and its successors). */
export const CLUSTER_RELEASE = '2.10.23';
const MEASURE_EVERY_MS = 5_000;
const DOUBT_EVERY_MS = 500; // while something does not hold: to be back soon once it does
const UNMEASURED_AFTER_MS = 15_000;
const MAX_SKEW_MS = 5_000;
const ROLLBACK_AFTER_MS = 30_000; // a leader that lags catches up within this

/**
 * What the platform's promises rest on, checked at start, at each reconnection and every 5 s: the server's release and
 * replicas (P1), the clock, and a ledger that never goes back (P4). While one does not hold, nothing is decided.
 */
export class Premises {
  /** identity of the stream as last seen */
  created = '';
  private doubt: Failure | undefined = new Failure('UNAVAILABLE', 'the ledger has not been looked at yet');
  private measuredAtMs = 0;
  /** the wall clock less the monotonic one when last measured: it changes only when somebody sets the clock */
  private offsetMs = 0;
  private behindSinceMs: number | undefined;
  private looks = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly offReconnect: () => void;

  constructor(
    private readonly bus: Bus,
    private readonly reader: StreamReader,
    private readonly highWater: HighWater,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly nowMs: Monotonic = monotonicMs,
    /** how many entries the last checkpoint signs: so many the ledger has, or it went back */
    private readonly signed: () => Promise<number> = () => Promise.resolve(0),
  ) {
    this.offReconnect = bus.onReconnect(() => this.lookAnew());
    this.later();
  }

  /** Throws UNAVAILABLE or ROLLBACK while a premise does not hold. Cheap: nothing is asked. */
  assert(): void {
    if (this.doubt !== undefined) throw this.doubt;
    const now = this.nowMs();
    if (now - this.measuredAtMs > UNMEASURED_AFTER_MS)
      throw new Failure(
        'UNAVAILABLE',
        'the ledger has not answered for 15 s, so that clock and premises are unmeasured',
      );
    if (Math.abs(this.clock.now() - now - this.offsetMs) > MAX_SKEW_MS)
      throw new Failure('UNAVAILABLE', 'the clock here was set; it has not been measured again yet');
  }

  /** Looks now. Never throws: what is wrong is what `assert` throws from then on. */
  async check(): Promise<void> {
    const look = (this.looks += 1);
    const seen = this.highWater.sequence; // what was seen before asking has to be in the answer; what comes later need not
    try {
      const signed = await this.signed().then(asIs, thrownLater); // a release too old says so, whatever else is missing
      const sentAt = this.clock.now();
      const info = await this.reader.info();
      if (look !== this.looks) return; // a later look knows better
      const receivedAt = this.clock.now();
      if (info.serverTime !== undefined) CLOCK_SKEW.set((info.serverTime - (sentAt + receivedAt) / 2) / 1000);
      this.created = info.created;
      const failure =
        releaseFailure(this.bus.connection.info?.version ?? '0', info.replicas) ??
        clockFailure(info.serverTime, sentAt, receivedAt) ??
        this.rollback(info, seen, signed());
      if (failure === undefined) {
        this.highWater.saw(info.lastSequence, info.created);
        this.measuredAtMs = this.nowMs();
        this.offsetMs = receivedAt - this.measuredAtMs;
      }
      this.conclude(failure);
    } catch (error) {
      this.log.warn('the ledger could not be looked at', { reason: reasonOf(error) });
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.offReconnect();
  }

  private later(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    const inMs = this.doubt === undefined ? MEASURE_EVERY_MS : DOUBT_EVERY_MS;
    this.timer = setTimeout(() => void this.check().then(() => this.later()), inMs).unref();
  }

  /** The server that answers from now on may be another one, or the same with an older ledger. */
  private lookAnew(): Promise<void> {
    this.doubt ??= new Failure('UNAVAILABLE', 'NATS was connected anew; the ledger is being looked at', {
      retryAfterMs: 100,
    });
    return this.check().then(() => this.later());
  }

  private conclude(failure: Failure | undefined): void {
    if (failure?.message !== this.doubt?.message || failure?.code !== this.doubt?.code) {
      if (failure)
        this.log.error('a premise does not hold; nothing is decided', { code: failure.code, reason: failure.message });
      else this.log.info('the premises hold');
    }
    this.doubt = failure;
    USABLE.set(failure === undefined ? 1 : 0);
  }

  private rollback({ created, lastSequence }: StreamInfo, seen: number, signed: number): Failure | undefined {
    if (lastSequence >= signed && this.highWater.holds(created, lastSequence, seen)) {
      this.behindSinceMs = undefined;
      return undefined;
    }
    this.behindSinceMs ??= this.nowMs();
    const detail = `the ledger ends at ${lastSequence}, and ${Math.max(seen, signed)} was seen (or it was made anew)`;
    const long = this.nowMs() - this.behindSinceMs >= ROLLBACK_AFTER_MS;
    return new Failure(long ? 'ROLLBACK' : 'UNAVAILABLE', detail);
  }
}

const asIs = (size: number) => (): number => size;
const thrownLater = (error: unknown) => (): never => {
  throw error;
};

/** P1: a replicated ledger needs a release whose comparison is atomic. */
export function releaseFailure(version: string, replicas: number): Failure | undefined {
  if (replicas === 1 || atLeast(version, CLUSTER_RELEASE)) return undefined;
  return new Failure(
    'UNAVAILABLE',
    `nats-server ${version} does not keep a ledger with ${replicas} replicas whole; ${CLUSTER_RELEASE} or newer does`,
  );
}

/** The error of the measurement is at most half of the round trip, which is given away. */
export function clockFailure(serverTime: number | undefined, sentAt: number, receivedAt: number): Failure | undefined {
  if (serverTime === undefined)
    return new Failure(
      'UNAVAILABLE',
      'nats-server does not tell its time (2.10 or newer does): the clock is unmeasured',
    );
  const skewMs = serverTime - (sentAt + receivedAt) / 2;
  const surelyMs = Math.abs(skewMs) - (receivedAt - sentAt) / 2;
  if (surelyMs <= MAX_SKEW_MS) return undefined;
  return new Failure(
    'UNAVAILABLE',
    `the clock here and that of NATS differ by ${Math.round(skewMs)} ms; at most 5 s is sound`,
  );
}

function atLeast(version: string, wanted: string): boolean {
  const numbers = (text: string): number[] => text.split(/[.-]/).slice(0, 3).map(Number);
  const have = numbers(version);
  for (const [index, want] of numbers(wanted).entries()) {
    const part = have[index] ?? 0;
    if (part !== want) return part > want;
  }
  return true;
}
