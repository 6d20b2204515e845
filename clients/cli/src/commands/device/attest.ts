import { attest as attestOnce } from '@countersign/device';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { Person } from '../../ask-person.js';
import { withCarrier } from '../../carrying.js';
import { timeOf } from '../../screen/event-lines.js';
import { example, screenOf } from '../../shared-options.js';
import { openOwn, speaking, type OwnOptions } from './own-device.js';

export function attest(group: Command): void {
  const command = speaking(group.command('attest <account>'))
    .description(
      'ask the platform to prove who it is, and how the device held here stands: signed, to a fresh challenge',
    )
    .action(run);
  example(command, 'countersign device attest ada@acme.example');
}

async function run(account: string, options: OwnOptions): Promise<void> {
  const screen = screenOf(options);
  using device = openOwn(account, options);
  using person = new Person();
  await withCarrier(options, { verb: 'device.attest', screen, person }, async (carrier) => {
    const standing = await attestOnce(carrier, device, new WebRandom());
    const { status, epoch, at, rekeyDue } = standing;
    screen.result(standing, [
      `device ${standing.device} is ${status} with key ${epoch} at ${timeOf(at)}: signed by the identity key pinned here`,
      ...(rekeyDue ? [`its key is due for another: countersign device rekey ${account}`] : []),
    ]);
  });
}
