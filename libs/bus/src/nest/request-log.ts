import type { Log, LogFields } from '@countersign/runtime';
import { spanContextIn } from '../tracing.js';
import { askerIn } from './asker.js';

/**
 * One line a request, at info: who asked what, what came of it, how long it took, and in which trace. Nothing of what the
 * message holds. The lines of one turn of the event loop are written together, which is what makes them cheap.
 */
export class RequestLog {
  private lines: LogFields[] = [];

  constructor(private readonly log: Log) {}

  add(verb: string, subject: string, outcome: string, tookMs: number, traceparent: string | undefined): void {
    if (this.lines.length === 0) setImmediate(() => this.write());
    const trace = spanContextIn(traceparent)?.traceId;
    const ms = Math.round(100 * tookMs) / 100;
    this.lines.push({ verb, asker: askerIn(subject), outcome, ms, trace });
  }

  private write(): void {
    this.log.infos('request', this.lines);
    this.lines = [];
  }
}
