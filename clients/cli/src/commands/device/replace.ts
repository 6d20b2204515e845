import type { Countersign } from '@countersign/caller';
import type { Profile } from '@countersign/contracts';
import { Option, type Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import type { EnrolParts } from '../../enrolling/enrol-parts.js';
import { DEVICE_METHODS, DEVICE_METHODS_HELP, type DeviceMethod } from '../../enrolling/methods.js';
import { Unusable } from '../../exit.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../../shared-options.js';

interface ReplaceOptions extends AskingOptions {
  method: DeviceMethod;
  issuer?: string;
  passphraseFile?: string;
}

/** Until the new device is confirmed the old one works: whoever fears for it disables it first. */
export function replace(group: Command): void {
  const command = asking(group.command('replace <account> <device>'))
    .description('a device like the one named, which is revoked by the first code of the new one')
    .addOption(
      new Option('--method <method>', 'how the device gets its key')
        .choices(Object.keys(DEVICE_METHODS))
        .default('here'),
    )
    .option('--issuer <name>', 'what an app shows beside the account; default: the tenant')
    .option('--passphrase-file <path>', 'here: keep the device under this passphrase')
    .addHelpText('after', DEVICE_METHODS_HELP)
    .action(async (account: string, device: string, options: ReplaceOptions) => {
      const method = DEVICE_METHODS[options.method];
      process.exitCode = await asCaller(options, method.verb, async (countersign, { tenant }) => {
        const alike = await likeness(countersign, account, device);
        return method.run(screenOf(options), countersign, {
          ...{ account, tenant, folder: folderOf(options), options },
          ...alike,
        });
      });
    });
  example(
    command,
    'countersign device replace ada@acme.example 7k3m0x9q2tfw',
    'countersign device replace ada@acme.example 7k3m0x9q2tfw --method pin',
  );
}

/** How the new device is to be. Throws Unusable for a device that none can follow. */
async function likeness(
  countersign: Countersign,
  account: string,
  replaces: string,
): Promise<Pick<EnrolParts, 'profile' | 'wish'>> {
  const { devices } = await countersign.devices({ account });
  const old = devices.find(({ device }) => device === replaces);
  if (old === undefined) throw new Unusable(`${account} has no device ${replaces}: countersign device list ${account}`);
  const { profile: before, namedOnly } = old;
  if (before.type === 'recovery' || before.type === 'sheet')
    throw new Unusable('a sheet of codes is no device: have another one made');
  const profile: Profile = { ...before, counter: 0 };
  return { profile, wish: { replaces, ...(namedOnly && { namedOnly }) } };
}
