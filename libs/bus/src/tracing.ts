import {
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  context,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { Failure } from '@countersign/contracts';

/** W3C Trace Context, as a header of NATS. */
export const TRACEPARENT_HEADER = 'traceparent';
/** How long a service that exports no spans worked for a traced question: `<service>;dur=<ms>`. */
export const TIMING_HEADER = 'Server-Timing';

const tracer = trace.getTracer('countersign');
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const TIMING = /^([a-z-]{1,32});dur=(\d{1,7}(?:\.\d{1,3})?)$/;

/** Where somebody else's span, named by a header, continues. */
export function contextIn(header: string | undefined): Context {
  const parent = spanContextIn(header);
  return parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
}

export function spanContextIn(header: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags = ''] = (header && TRACEPARENT.exec(header)) || [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** The header for a question asked in this span; undefined where there is no trace. */
export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!trace.isSpanContextValid(span.spanContext())) return undefined;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/**
 * Runs `work` in a span of its own. Without an SDK of OpenTelemetry in the process it is only run. A failure is told by
 * its code; what a message holds is never an attribute (I5).
 */
export async function inSpan<T>(
  name: string,
  kind: SpanKind,
  work: (span: Span) => Promise<T>,
  within: Context = context.active(),
  attributes: Attributes = {},
): Promise<T> {
  const span = tracer.startSpan(name, { kind, attributes }, within);
  try {
    return await context.with(trace.setSpan(within, span), work, undefined, span);
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

export function failed(span: Span, error: unknown): void {
  const code = error instanceof Failure ? error.code : 'INTERNAL';
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

/** The span of a service that only told how long it took: it lay somewhere within the question; it is shown amidst it. */
export function tellSpan(timing: string | undefined, verb: string, sentMs: number, receivedMs: number): void {
  const [, service, duration] = (timing && TIMING.exec(timing)) || [];
  if (service === undefined) return;
  const tookMs = Math.min(Number(duration), receivedMs - sentMs);
  const startTime = (sentMs + receivedMs - tookMs) / 2;
  const attributes = { 'countersign.told_by': service };
  tracer.startSpan(`${service} ${verb}`, { kind: SpanKind.SERVER, startTime, attributes }).end(startTime + tookMs);
}

/** A subject as spans name it: without the platform's beginning, and without who asks. */
export const verbIn = (subject: string): string => subject.replace(/^countersign\.(?:v\d+\.[^.]+|internal)\./, '');
