import type { Verdict } from '@countersign/contracts';
import type { CodeQuestion } from '../history/entry.js';
import type { DeviceFacts } from './device-facts.js';
import type { LedgerFacts } from './ledger-facts.js';

/**
 * Whether a code that was rejected should have been accepted: it is this device's, the device was eligible at the event
 * that the verdict names, and its counter acceptable. Goes back along the account's events.
 */
export function expected(
  facts: LedgerFacts,
  device: DeviceFacts,
  question: CodeQuestion,
  { sequence, at }: Verdict,
): boolean {
  const { counter, device: named } = question;
  if (counter === undefined || (named === undefined ? device.birth.namedOnly : named !== device.id)) return false;
  let status: 'active' | 'pending' | 'shut' | undefined;
  let spent: number | undefined;
  for (let before = sequence; before > device.birth.sequence;) {
    const row = facts.columns.at(before);
    if (row === undefined) return false; // not whole: told elsewhere
    if (row.device === device.index) {
      if (row.kind === 'disabled' || row.kind === 'revoked') status ??= 'shut';
      if (row.kind === 'enabled') status ??= 'active';
      if (row.kind === 'accepted' || row.kind === 'confirmed') {
        status ??= 'active';
        spent = row.counter;
        break;
      }
    }
    before = row.after;
  }
  status ??= device.birth.status;
  const wanted = question.verb === 'verify' ? 'active' : 'pending';
  return status === wanted && device.takes(counter, at, spent ?? device.birth.floor - 1);
}
