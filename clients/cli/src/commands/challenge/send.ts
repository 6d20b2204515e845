import type { Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';
import { deliveryWish } from './delivery-wish.js';

interface Options extends AskingOptions {
  language?: string;
}

export function send(group: Command): void {
  const command = asking(group.command('send <account> <challenge> <channel:address>'))
    .description("have a challenge's code sent again, or elsewhere")
    .option('--language <tag>', 'of what is sent: de, de-AT')
    .action(async (account: string, challenge: string, to: string, options: Options) => {
      const deliver = { ...deliveryWish(to), ...(options.language && { language: options.language }) };
      const sent = await asCaller(options, 'challenge.send', (countersign) =>
        countersign.sendChallenge({ account, challenge, deliver }),
      );
      screenOf(options).result(sent, `handed to delivery; it can be sent ${sent.sendsLeft} more times`);
    });
  example(command, 'countersign challenge send ada@acme.example q45rc8bn0xzj7k2m mail:ada@acme.example');
}
