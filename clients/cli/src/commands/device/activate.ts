import { activate as redeem } from '@countersign/device';
import { parseInvitation } from '@countersign/pairing';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { Person } from '../../ask-person.js';
import { withCarrier } from '../../carrying.js';
import { Unusable } from '../../exit.js';
import { example, screenOf } from '../../shared-options.js';
import { confirmed, enrolling, keeperOf, type HeldOptions } from './enrolled-here.js';

/** The invitation holds the token, so it is read and not given: others can list a command line, and be first. */
export function activate(group: Command): void {
  const command = enrolling(group.command('activate'))
    .description('be the device that redeems an invitation, kept here: it is read from the terminal or a pipe')
    .action(async (options: HeldOptions) => {
      process.exitCode = await run(options);
    });
  example(command, 'countersign device activate --as ada@acme.example < invitation.txt');
}

async function run(options: HeldOptions): Promise<number> {
  using person = new Person();
  const invitation = parseInvitation(await person.ask('Invitation: '));
  if (invitation.kind !== 'activate') throw new Unusable('this invitation is to pair: countersign device pair');
  const screen = screenOf(options);
  const asked = { ...options, tenant: invitation.tenant };
  return await withCarrier(asked, { verb: 'activation.redeem', screen, person }, async (carrier) => {
    const parts = { keep: keeperOf(options), random: new WebRandom() };
    const device = await redeem(carrier, invitation, parts);
    return confirmed(screen, { carrier, device, options });
  });
}
