import { attest, rekey as rekeyOnce, type Carrier } from '@countersign/device';
import { SystemClock } from '@countersign/runtime';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { Person } from '../../ask-person.js';
import { withCarrier } from '../../carrying.js';
import { EXIT } from '../../exit.js';
import type { Screen } from '../../screen/screen.js';
import { example, screenOf } from '../../shared-options.js';
import { openOwn, speaking, type OwnOptions } from './own-device.js';

export function rekey(group: Command): void {
  const command = speaking(group.command('rekey <account>'))
    .description('a next key for the device held here, under the protection of the present one, which ends with it')
    .action(async (account: string, options: OwnOptions) => {
      const screen = screenOf(options);
      using person = new Person();
      process.exitCode = await withCarrier(options, { verb: 'rekey.begin', screen, person }, async (carrier) => {
        await settleFormer(carrier, account, options);
        return run(screen, carrier, { account, options });
      });
    });
  example(command, 'countersign device rekey ada@acme.example');
}

/** When a re-key before was interrupted, the platform says under its signature which key works. */
async function settleFormer(carrier: Carrier, account: string, options: OwnOptions): Promise<void> {
  using device = openOwn(account, options);
  using next = await device.next();
  if (next) await attest(carrier, device, new WebRandom());
}

async function run(
  screen: Screen,
  carrier: Carrier,
  { account, options }: { account: string; options: OwnOptions },
): Promise<number> {
  using device = openOwn(account, options);
  const { device: id, epoch } = device.description;
  const verdict = await rekeyOnce(carrier, device, { random: new WebRandom(), nowMs: new SystemClock().now() });
  const done = verdict.verdict === 'accepted';
  screen.result({ device: id, epoch: done ? epoch + 1 : epoch, verdict }, [
    done
      ? `device ${id} has key ${epoch + 1}; the one before is gone, here and there`
      : `device ${id} keeps key ${epoch}: the next one's first code was ${verdict.reason}`,
  ]);
  return done ? EXIT.ok : EXIT.rejected;
}
