import type { Figures } from '../top/figures.js';
import { table } from './table.js';

export function topLines({ verdicts, refusals, hsm, ledger, audit, delivery, services, seconds }: Figures): string[] {
  const rows = table([
    ['verdicts', `${verdicts.accepted}/s accepted, ${byName(verdicts.rejected, 'rejected')}${times(verdicts)}`],
    ['refused', byName(refusals, 'requests')],
    [
      'hsm',
      hsm.connected === 0
        ? 'NOT CONNECTED: no verdicts'
        : `${hsm.calls}/s calls, ${hsm.failures}/s failed, ${hsm.sessions} sessions, ${keys(hsm)}${times(hsm)}`,
    ],
    [
      'ledger',
      ledger.usable
        ? `${ledger.appends}/s appends, ${ledger.conflicts}/s conflicts, ${ledger.unsettled} unsettled${times(ledger)}`
        : 'NOT USABLE: nothing is decided',
    ],
    ['audit', audit.lag === undefined ? 'DOES NOT ANSWER' : `${audit.lag} entries to sign, ${audit.alarms}/s alarms`],
    ['delivery', `${delivery.sent}/s sent, ${delivery.failed}/s failed, ${delivery.inHand} in hand`],
  ]);
  const replicas = services.map(({ name, id, requests, inFlight, waiting, lagMs, memoryMb }) => [
    name,
    id.slice(0, 8),
    ...[requests, inFlight, waiting, lagMs, memoryMb].map(String),
  ]);
  const heads = ['service', 'replica', 'requests/s', 'in flight', 'waiting', 'lag ms', 'MB'];
  return [`of the last ${seconds} s`, ...rows, '', ...table([heads, ...replicas])];
}

const byName = (rates: Record<string, number>, what: string): string =>
  Object.entries(rates)
    .map(([name, rate]) => `${rate}/s ${name}`)
    .join(', ') || `0/s ${what}`;

const times = ({ meanMs, p99Ms }: { meanMs?: number; p99Ms?: number }): string =>
  meanMs === undefined ? '' : `, ${meanMs} ms, 99 % within ${p99Ms} ms`;

const keys = ({ cachedKeys, cacheHits }: Figures['hsm']): string =>
  `${cachedKeys} keys held${cacheHits === undefined ? '' : ` (${Math.round(1000 * cacheHits) / 10} % of those asked for)`}`;
