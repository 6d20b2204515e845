import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { askPerson } from '../ask-person.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';
import { showVerdict } from '../verdict-lines.js';

interface Options extends AskingOptions {
  origin?: string;
  requestId?: string;
}

/** A recovery code may stand in the command line: it is spent with the first question. */
export function recover(program: Command): void {
  const command = asking(program.command('recover <account> [code]'))
    .description('ask whether a recovery code opens an account; without a code it is read from the terminal or a pipe')
    .option('--origin <text>', "where the person comes from, e.g. a device cookie's hash")
    .option('--request-id <id>', 'the same id and code get the same verdict for 60 s')
    .action(async (account: string, given: string | undefined, options: Options) => {
      const code = given ?? (await askPerson('Recovery code: '));
      const { origin, requestId } = options;
      const optional = { ...(origin && { origin }), ...(requestId && { requestId }) };
      const verdict = await asCaller(options, 'recover', (countersign) =>
        countersign.recover({ account, code, ...optional }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(command, 'countersign recover ada@acme.example ryfmf-6nw7h', 'countersign recover ada@acme.example');
}
