import type { SoftwareDevice } from '@countersign/device/node';
import type { Command } from 'commander';
import { carried, type CarryingOptions } from '../../carrying.js';
import { HeldDevices } from '../../held-devices.js';
import { asking, folderOf } from '../../shared-options.js';

export interface OwnOptions extends CarryingOptions {
  device?: string;
  passphraseFile?: string;
}

/** What the commands take that speak for a device that is held here. */
export const speaking = (command: Command): Command =>
  carried(asking(command))
    .option('--device <id>', 'which device, where several are held')
    .option('--passphrase-file <path>', 'file with the passphrase that the device was kept under');

/** Opens it as it is now on the disk; whoever opens it closes it. */
export const openOwn = (account: string, options: OwnOptions): SoftwareDevice =>
  new HeldDevices(folderOf(options), options.passphraseFile).open({ tenant: options.tenant, account }, options.device);
