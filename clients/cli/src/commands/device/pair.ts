import { pair as pairOnce, type PairOutcome } from '@countersign/device';
import { nodeScrypt, parseInvitation, readPin, type PairInvitation } from '@countersign/pairing';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { Person } from '../../ask-person.js';
import { withCarrier } from '../../carrying.js';
import { EXIT, Unusable } from '../../exit.js';
import { example, screenOf } from '../../shared-options.js';
import { confirmed, enrolling, keeperOf, type HeldOptions } from './enrolled-here.js';

/** The invitation is no secret. The PIN is one, for two minutes: it is typed, or comes by a pipe. */
export function pair(group: Command): void {
  const command = enrolling(group.command('pair <invitation>'))
    .description('be the device that pairs by PIN, kept here: the PIN is read from the terminal or a pipe')
    .action(async (text: string, options: HeldOptions) => {
      process.exitCode = await run(text, options);
    });
  example(command, "countersign device pair 'countersign://pair?v=1&...' --as ada@acme.example");
}

async function run(text: string, options: HeldOptions): Promise<number> {
  const invitation = parseInvitation(text);
  if (invitation.kind !== 'pair') throw new Unusable('this invitation is to activate: countersign device activate');
  const screen = screenOf(options);
  using person = new Person();
  const asked = { ...options, tenant: invitation.tenant };
  return await withCarrier(asked, { verb: 'pair.share', screen, person }, async (carrier) => {
    const parts = { keep: keeperOf(options), random: new WebRandom(), scrypt: nodeScrypt };
    for (;;) {
      const pin = readPin(await person.ask('PIN: '));
      const outcome: PairOutcome = await pairOnce(carrier, invitation satisfies PairInvitation, pin, parts);
      if (outcome.kind === 'paired') return confirmed(screen, { carrier, device: outcome.device, options });
      const { triesLeft } = outcome;
      if (triesLeft === 0 || !person.isThere) {
        screen.result(
          { refused: true, triesLeft },
          `refused: another PIN, or somebody in between; ${triesLeft} tries left`,
        );
        return EXIT.failed;
      }
      screen.note(`that is not the PIN, or somebody is in between; ${triesLeft} tries left`);
    }
  });
}
