import type { EventsRequest } from '@countersign/contracts';
import type { Command } from 'commander';
import { Unusable } from './exit.js';

export interface TimeSpanOptions {
  since?: string;
  until?: string;
}

/** What a command takes that reads the events of some time. */
export const spanning = (command: Command): Command =>
  command
    .option('--since <time>', 'only stored at or after this time (ISO 8601)')
    .option('--until <time>', 'only stored before this time (ISO 8601)');

/** Throws Unusable for what is no time. */
export const timeSpan = ({ since, until }: TimeSpanOptions): Pick<EventsRequest, 'since' | 'until'> => ({
  ...(since !== undefined && { since: momentMs('--since', since) }),
  ...(until !== undefined && { until: momentMs('--until', until) }),
});

function momentMs(name: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Unusable(`${name} should be a time like 2027-03-01T12:00:00Z`);
  return ms;
}
