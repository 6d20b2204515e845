import type { EventView } from '@countersign/contracts';
import { table } from './table.js';

/** What is told of an event beside its type: the fields that people look for, in this order. */
const TOLD = ['device', 'reason', 'counter', 'of', 'closed', 'suspicion', 'by'] as const;

export function eventLines(events: EventView[]): string[] {
  const rows = events.map((event) => {
    const held: Record<string, unknown> = { ...event };
    const details = TOLD.filter((field) => held[field] !== undefined).map((field) => `${field} ${text(held[field])}`);
    return [String(event.sequence), timeOf(event.storedAt), event.account, event.type, details.join(', ')];
  });
  return table([['sequence', 'stored at', 'account', 'event', ''], ...rows]);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `ms` since 1970 as UTC, to the millisecond. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ');
}
