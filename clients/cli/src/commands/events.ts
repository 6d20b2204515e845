import { MAX_PAGE, type EventsRequest } from '@countersign/contracts';
import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { Unusable } from '../exit.js';
import { wholeNumber } from '../profile-options.js';
import { eventLines } from '../screen/event-lines.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';
import { spanning, timeSpan, type TimeSpanOptions } from '../time-span.js';

interface Options extends AskingOptions, TimeSpanOptions {
  account?: string;
  after?: number;
  follow?: true;
}

export function events(program: Command): void {
  const command = spanning(asking(program.command('events')))
    .description("the tenant's events, as the ledger holds them")
    .option('--account <name>', 'only of this account')
    .option('--after <sequence>', 'only after this ledger sequence', wholeNumber)
    .option('--follow', 'wait for new ones, until Ctrl-C')
    .action(async (options: Options) => {
      const { account, after, until, follow } = options;
      if (follow && until) throw new Unusable('--follow has no end: leave out --until');
      const request: EventsRequest = {
        ...(account !== undefined && { account }),
        ...(after !== undefined && { after }),
        ...timeSpan(options),
        limit: MAX_PAGE,
      };
      await (follow ? followed(options, request) : listed(options, request));
    });
  example(command, 'countersign events --account ada@acme.example', 'countersign events --follow --json');
}

async function listed(options: Options, request: EventsRequest): Promise<void> {
  const screen = screenOf(options);
  await asCaller(options, 'audit.events', async (countersign) => {
    for (let page = await countersign.events(request), first = true; ; first = false) {
      if (options.json) for (const event of page.events) screen.result(event, []);
      else for (const line of eventLines(page.events).slice(first ? 0 : 1)) screen.line(line);
      if (!page.more) return;
      page = await countersign.events({ ...request, after: page.next });
    }
  });
}

async function followed(options: Options, request: EventsRequest): Promise<void> {
  const screen = screenOf(options);
  await asCaller(options, 'audit.events', async (countersign) => {
    for await (const event of countersign.follow(request)) screen.result(event, eventLines([event]).slice(1));
  });
}
