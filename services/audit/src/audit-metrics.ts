import { counter, gauge } from '@countersign/observe';

export const LEDGER_SEQUENCE = gauge(
  'audit_ledger_sequence',
  "the ledger's last sequence, as this replica last saw it",
);
export const SIGNED_ENTRIES = gauge(
  'audit_signed_entries',
  'entries under the last checkpoint that this replica knows',
);
export const HELD_UP = counter('audit_held_up_total', 'rounds in which the log could not be made');
export const ALARMS = counter('audit_alarms_total', 'alarms told', ['kind']);
