import type { Between } from './between.js';

/** One interval, as `--json` shows it. Rates are a second, rounded to a tenth. */
export interface Figures {
  seconds: number;
  verdicts: { accepted: number; rejected: Record<string, number>; meanMs?: number; p99Ms?: number };
  /** failures by code, of the verbs that callers ask */
  refusals: Record<string, number>;
  hsm: {
    connected: number;
    calls: number;
    failures: number;
    sessions: number;
    cachedKeys: number;
    /** of the keys asked for, how many were held already; absent when none was */
    cacheHits?: number;
    meanMs?: number;
    p99Ms?: number;
  };
  ledger: {
    usable: boolean;
    appends: number;
    conflicts: number;
    unsettled: number;
    meanMs?: number;
    p99Ms?: number;
  };
  /** `lag`: entries that no checkpoint signs yet; absent while audit does not answer */
  audit: { lag?: number; alarms: number };
  delivery: { inHand: number; sent: number; failed: number };
  services: {
    name: string;
    id: string;
    requests: number;
    inFlight: number;
    waiting: number;
    lagMs: number;
    memoryMb: number;
  }[];
}

const INTERNAL = /^(keys\.|alarm|deliver|taken)/;

export function figuresOf(between: Between): Figures {
  const { accepted = 0, ...rejected } = between.ratesBy('verdicts_total', 'outcome');
  const outcomes = between.ratesBy('requests_total', 'outcome', ({ verb = '' }) => !INTERNAL.test(verb));
  const { ok: _ok, ...refusals } = outcomes;
  const { cached = 0, made = 0 } = between.ratesBy('hsm_key_lookups_total', 'found');
  const { sent = 0, ...failed } = between.ratesBy('deliveries_total', 'state');
  const signed = between.extreme('max', 'audit_signed_entries');
  const seen = between.extreme('max', 'audit_ledger_sequence');
  return {
    seconds: tenths(between.seconds),
    verdicts: {
      accepted: tenths(accepted),
      rejected: rounded(rejected),
      ...timing(between, 'request_seconds', ({ verb }) => verb === 'verify'),
    },
    refusals: rounded(refusals),
    hsm: {
      connected: between.gauge('hsm_connected'),
      calls: tenths(between.rate('hsm_seconds_count')),
      failures: tenths(between.rate('hsm_failures_total')),
      sessions: between.gauge('hsm_sessions'),
      cachedKeys: between.gauge('hsm_cached_keys'),
      ...(cached + made > 0 && { cacheHits: Math.round((1000 * cached) / (cached + made)) / 1000 }),
      ...timing(between, 'hsm_seconds'),
    },
    ledger: {
      usable: between.extreme('min', 'ledger_usable') === 1,
      appends: tenths(between.rate('ledger_append_seconds_count')),
      conflicts: tenths(between.rate('ledger_append_seconds_count', ({ outcome }) => outcome === 'conflict')),
      unsettled: between.gauge('ledger_unsettled_appends'),
      ...timing(between, 'ledger_append_seconds'),
    },
    audit: {
      ...(signed !== undefined && seen !== undefined && { lag: Math.max(0, seen - signed) }),
      alarms: tenths(between.rate('audit_alarms_total')),
    },
    delivery: {
      inHand: between.gauge('deliveries_in_hand'),
      sent: tenths(sent),
      failed: tenths(Object.values(failed).reduce((sum, rate) => sum + rate, 0)),
    },
    services: between.replicas.map((replica) => ({
      name: replica.service,
      id: replica.id,
      requests: tenths(between.rate('requests_total', undefined, [replica])),
      inFlight: between.gauge('requests_in_flight', [replica]),
      waiting: between.gauge('requests_waiting', [replica]),
      lagMs: tenths(1000 * between.gauge('nodejs_eventloop_lag_p99_seconds', [replica])),
      memoryMb: Math.round(between.gauge('process_resident_memory_bytes', [replica]) / 1e6),
    })),
  };
}

const tenths = (value: number): number => Math.round(10 * value) / 10;
const rounded = (rates: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, tenths(rate)]));

function timing(
  between: Between,
  name: string,
  wanted?: (labels: Record<string, string>) => boolean,
): { meanMs: number; p99Ms: number } | undefined {
  const found = between.timing(name, wanted);
  return found && { meanMs: hundredths(found.meanMs), p99Ms: hundredths(found.quantileMs) };
}
const hundredths = (value: number): number => Math.round(100 * value) / 100;
