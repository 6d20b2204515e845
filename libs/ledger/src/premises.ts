import { Failure } from '@countersign/contracts';
import { reasonOf, type Clock, type Log } from '@countersign/runtime';
import type { Bus } from '@countersign/bus';
import type { HighWater } from './high-water.js';
import type { StreamReader } from './stream-reader.js';

/** The first release whose replicated streams keep the comparison atomic (nats-server issue 4320 and its successors). */
export const CLUSTER_RELEASE = '2.10.23';
const MEASURE_EVERY_MS = 5_000;
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
  private measuredAt = 0;
  private behindSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly offReconnect: () => void;

  constructor(
    private readonly bus: Bus,
    private readonly reader: StreamReader,
    private readonly highWater: HighWater,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.offReconnect = bus.onReconnect(() => this.check());
    this.timer = setInterval(() => void this.check(), MEASURE_EVERY_MS);
    this.timer.unref();
  }

  /** Throws UNAVAILABLE or ROLLBACK while a premise does not hold. Cheap: nothing is asked. */
  assert(): void {
    if (this.doubt !== undefined) throw this.doubt;
    if (performance.now() - this.measuredAt > UNMEASURED_AFTER_MS)
      throw new Failure(
        'UNAVAILABLE',
        'the ledger has not answered for 15 s, so that clock and premises are unmeasured',
      );
  }

  /** Looks now. Never throws: what is wrong is what `assert` throws from then on. */
  async check(): Promise<void> {
    const sentAt = this.clock.now();
    try {
      const info = await this.reader.info();
      const receivedAt = this.clock.now();
      this.created = info.created;
      const failure =
        releaseFailure(this.bus.connection.info?.version ?? '0', info.replicas) ??
        clockFailure(info.serverTime, sentAt, receivedAt) ??
        this.rollback(info.created, info.lastSequence);
      if (failure === undefined) {
        this.highWater.saw(info.lastSequence, info.created);
        this.measuredAt = performance.now();
      }
      this.conclude(failure);
    } catch (error) {
      this.log.warn('the ledger could not be looked at', { reason: reasonOf(error) });
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.offReconnect();
  }

  private conclude(failure: Failure | undefined): void {
    if (failure?.message !== this.doubt?.message) {
      if (failure) this.log.error('a premise does not hold; nothing is decided', { reason: failure.message });
      else this.log.info('the premises hold');
    }
    this.doubt = failure;
  }

  private rollback(created: string, lastSequence: number): Failure | undefined {
    if (this.highWater.holds(created, lastSequence)) {
      this.behindSince = undefined;
      return undefined;
    }
    this.behindSince ??= performance.now();
    const detail = `the ledger ends at ${lastSequence}, and ${this.highWater.sequence} was seen (or it was made anew)`;
    const long = performance.now() - this.behindSince >= ROLLBACK_AFTER_MS;
    return new Failure(long ? 'ROLLBACK' : 'UNAVAILABLE', detail);
  }
}

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
