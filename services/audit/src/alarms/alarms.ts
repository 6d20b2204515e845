import type { Alarm } from '@countersign/contracts';
import type { Clock, Log } from '@countersign/runtime';
import { ALARMS } from '../audit-metrics.js';
import type { Doubt } from './doubt.js';

const REPEAT_EVERY_MS = 30_000; // an alarm is a message that can be lost
/** A deposed leader of a cluster answers for up to 18 s as if nothing had come since: what it does not have may be there. */
const PATIENCE_MS = 20_000;
const MAX_KNOWN = 1000; // beyond that the log has to do

interface Known {
  sinceMs: number;
  toldMs: number;
}

/** Tells what is doubted: at once and then every 30 s while it is; what a lagging leader looks like only once it stays. */
export class Alarms {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly publish: (alarm: Alarm) => void,
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  raise({ kind, sequence, subject, message: detail }: Doubt): void {
    const now = this.clock.now();
    const key = subject === '' ? kind : `${kind} ${sequence}`;
    const known = this.known.get(key) ?? { sinceMs: now, toldMs: -Infinity };
    if (this.known.size < MAX_KNOWN) this.known.set(key, known);
    const patience = kind === 'ROLLBACK' || kind === 'GAP' ? this.patienceMs : 0;
    if (now - known.sinceMs < patience || now - known.toldMs < REPEAT_EVERY_MS) return;
    known.toldMs = now;
    ALARMS.inc({ kind });
    this.log.error('ALARM', { kind, sequence, subject, detail });
    this.publish({ kind, sequence, subject, detail });
  }

  /** What was doubted of the log as a whole is as it must be. */
  settled(): void {
    for (const key of this.known.keys()) if (!key.includes(' ')) this.known.delete(key);
  }
}
