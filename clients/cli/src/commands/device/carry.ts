import { answerText } from '@countersign/device';
import { overCaller } from '@countersign/device/node';
import type { Command } from 'commander';
import { createInterface } from 'node:readline';
import { asCaller } from '../../as-caller.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';

/** The desk's end for a device without a bus. A gateway's rights are enough. */
export function carry(group: Command): void {
  const command = asking(group.command('carry'))
    .description(
      'answer the lines of a device without a bus (--by-hand): one line in, one line out, until the input ends',
    )
    .action(async (options: AskingOptions) => {
      const screen = screenOf(options);
      await asCaller(options, 'device.confirm', async (countersign) => {
        for await (const line of createInterface({ input: process.stdin })) {
          if (line.trim() === '') continue;
          const answer = await answerText(line.trim(), overCaller(countersign));
          screen.result(JSON.parse(answer) as object, answer);
        }
      });
    });
  example(command, 'countersign device carry --tenant acme');
}
