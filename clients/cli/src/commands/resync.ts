import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';
import { showVerdict } from '../verdict-lines.js';

export function resync(program: Command): void {
  const command = asking(program.command('resync <account> <device> <code> <next-code>'))
    .description('bring an HOTP device up to date by two codes in a row; both are spent')
    .action(async (account: string, device: string, code: string, nextCode: string, options: AskingOptions) => {
      const verdict = await asCaller(options, 'resync', (countersign) =>
        countersign.resync({ account, device, code, nextCode }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(command, 'countersign resync ada@acme.example 7k3m0x9q2tfw 492039 287082');
}
