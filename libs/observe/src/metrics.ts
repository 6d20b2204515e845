import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * Every metric of this process. Names end in their unit (`_seconds`, `_bytes`) or in `_total`; a label has a handful of
 * values that the code lists: a verb, a reason, a failure code. Never an account, a name, a caller or anything a request
 * says (I5), so that the number of series does not grow with use.
 */
export const registry = new Registry();

const PREFIX = 'countersign_';
/** How finely the event loop's lag is measured, ms. */
const LAG_EVERY_MS = 20;

/** From a fast HSM call to the longest that a caller waits. */
export const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

/** Counts what happened. `name` is without `countersign_`, and ends in `_total`. */
export function counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
  return new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [registry] });
}

/** How something stands now: `read` is asked at each scrape; without it the gauge is set when it changes. */
export function gauge(name: string, help: string, read?: () => number): Gauge {
  const collect = read && { collect: (): void => made.set(read()) };
  if (read) registry.removeSingleMetric(PREFIX + name); // of something that this takes the place of
  const made: Gauge = new Gauge({ name: PREFIX + name, help, registers: [registry], ...collect });
  return made;
}

/** How long something takes, seconds; `name` ends in `_seconds`. */
export function histogram<L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  buckets = SECONDS_BUCKETS,
): Histogram<L> {
  return new Histogram({ name: PREFIX + name, help, labelNames: labels, buckets, registers: [registry] });
}

/** Memory, CPU, event-loop lag and garbage collection of the process, from now on. */
export function measureProcess(): void {
  if (measured) return;
  measured = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
}

let measured = false;
