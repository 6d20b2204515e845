import type { Verdict } from '@countersign/contracts';
import type { CodeQuestion } from '../history/entry.js';
import type { DeviceFacts } from './device-facts.js';
import type { LedgerFacts } from './ledger-facts.js';

/**
 * Whether a code that was rejected should have been accepted: it is this device's, the device was eligible at the event
 * that the verdict names, and its counter acceptable.
 */
export function expected(
  facts: LedgerFacts,
  device: DeviceFacts,
  question: CodeQuestion,
  { sequence, at }: Verdict,
): boolean {
  const { counter, device: named } = question;
  if (counter === undefined || (named === undefined ? device.birth.namedOnly : named !== device.id)) return false;
  const stood = standing(facts, device, sequence);
  const wanted = question.verb === 'verify' ? 'active' : 'pending';
  return stood !== undefined && stood.status === wanted && device.takes(counter, at, stood.spent);
}

/** The spent counters that are looked at with a code, at `at` and after the account's event at `sequence`. */
export function spentNearby(facts: LedgerFacts, device: DeviceFacts, sequence: number, at: number): number[] {
  const stood = standing(facts, device, sequence);
  return stood === undefined ? [] : device.behind(at, stood.spent);
}

/** How a device stood after an event of its account. Undefined: the events are not whole, which is told elsewhere. */
function standing(
  facts: LedgerFacts,
  device: DeviceFacts,
  sequence: number,
): { status: 'active' | 'pending' | 'shut'; spent: number } | undefined {
  let status: 'active' | 'pending' | 'shut' | undefined;
  for (let before = sequence; before > device.birth.sequence;) {
    const row = facts.columns.at(before);
    if (row === undefined) return undefined;
    if (row.device === device.index) {
      if (row.kind === 'disabled' || row.kind === 'revoked') status ??= 'shut';
      if (row.kind === 'enabled') status ??= 'active';
      if (row.kind === 'accepted' || row.kind === 'confirmed')
        return { status: status ?? 'active', spent: row.counter };
    }
    before = row.after;
  }
  return { status: status ?? device.birth.status, spent: device.birth.floor - 1 };
}
