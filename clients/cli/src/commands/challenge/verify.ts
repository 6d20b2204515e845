import type { Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { askPerson } from '../../ask-person.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';
import { showVerdict } from '../../verdict-lines.js';
import { contextOf, withContext, type ContextOptions } from './context-options.js';

interface Options extends AskingOptions, ContextOptions {
  address?: string;
  origin?: string;
  requestId?: string;
}

export function verify(group: Command): void {
  const command = withContext(asking(group.command('verify <account> <challenge> [code]')))
    .description("ask whether it is a challenge's code; without a code it is read from the terminal or a pipe")
    .option('--address <ip>', "the person's address")
    .option('--origin <text>', "where the person comes from, e.g. a device cookie's hash")
    .option('--request-id <id>', 'the same id and code get the same verdict for 60 s')
    .action(async (account: string, challenge: string, given: string | undefined, options: Options) => {
      const code = given ?? (await askPerson('Code: '));
      const { address, origin, requestId } = options;
      const optional = { ...(address && { address }), ...(origin && { origin }), ...(requestId && { requestId }) };
      const verdict = await asCaller(options, 'challenge.verify', (countersign) =>
        countersign.verifyChallenge({ account, challenge, code, ...contextOf(options), ...optional }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(command, 'countersign challenge verify ada@acme.example q45rc8bn0xzj7k2m 492039 --purpose sign-in');
}
