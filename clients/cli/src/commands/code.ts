import { SystemClock } from '@countersign/runtime';
import type { Command } from 'commander';
import { HeldDevices } from '../held-devices.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

interface Options extends SharedOptions {
  tenant: string;
  device?: string;
  next?: true;
  passphraseFile?: string;
}

export function code(program: Command): void {
  const command = shared(program.command('code <account>'))
    .description('show the code of a device that is held here; one that counts moves on with each code')
    .option('--tenant <name>', 'the tenant of the account', 'acme')
    .option('--device <id>', 'which device, where several are held')
    .option('--next', "TOTP: the next time step's code, which is accepted already; the present one may be spent")
    .option('--passphrase-file <path>', 'file with the passphrase that the device was kept under')
    .action(async (account: string, options: Options) => {
      const { tenant } = options;
      using device = new HeldDevices(folderOf(options), options.passphraseFile).open(
        { tenant, account },
        options.device,
      );
      const nowMs = new SystemClock().now();
      const aheadMs = options.next ? device.description.profile.stepSeconds * 1000 : 0;
      const shown = await device.showCode(nowMs + aheadMs);
      const screen = screenOf(options);
      screen.result({ device: device.description.device, ...shown }, shown.code);
      if (shown.type === 'totp') screen.note(`for ${Math.ceil((shown.endsAtMs - nowMs) / 1000)} s`);
    });
  example(command, 'countersign code ada@acme.example', 'countersign code ada@acme.example --next');
}
