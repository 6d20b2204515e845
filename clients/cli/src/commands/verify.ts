import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { askPerson } from '../ask-person.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';
import { showVerdict } from '../verdict-lines.js';

interface Options extends AskingOptions {
  device?: string;
  origin?: string;
  requestId?: string;
}

/** A code may stand in the command line: it is spent with the first question. */
export function verify(program: Command): void {
  const command = asking(program.command('verify <account> [code]'))
    .description('ask whether a code opens an account; without a code it is read from the terminal or a pipe')
    .option('--device <id>', 'judge this device only')
    .option('--origin <text>', "where the person comes from, e.g. a device cookie's hash")
    .option('--request-id <id>', 'the same id and code get the same verdict for 60 s')
    .action(async (account: string, given: string | undefined, options: Options) => {
      const code = given ?? (await askPerson('Code: '));
      const { device, origin, requestId } = options;
      const optional = { ...(device && { device }), ...(origin && { origin }), ...(requestId && { requestId }) };
      const verdict = await asCaller(options, 'verify', (countersign) =>
        countersign.verify({ account, code, ...optional }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(
    command,
    'countersign verify ada@acme.example 492039',
    'countersign code ada@acme.example | countersign verify ada@acme.example',
  );
}
