import type { Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';

export function cancel(group: Command): void {
  const command = asking(group.command('cancel <account> <challenge>'))
    .description("a challenge's code is never accepted again")
    .action(async (account: string, challenge: string, options: AskingOptions) => {
      const done = await asCaller(options, 'challenge.cancel', (countersign) =>
        countersign.cancelChallenge({ account, challenge }),
      );
      screenOf(options).result(done, `cancelled, ledger sequence ${done.sequence}`);
    });
  example(command, 'countersign challenge cancel ada@acme.example q45rc8bn0xzj7k2m');
}
