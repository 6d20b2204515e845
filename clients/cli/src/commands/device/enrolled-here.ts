import { confirmFirst, type Carrier, type HeldDevice, type Keeper } from '@countersign/device';
import { SystemClock } from '@countersign/runtime';
import type { Command } from 'commander';
import { carried, type CarryingOptions } from '../../carrying.js';
import { EXIT } from '../../exit.js';
import { HeldDevices } from '../../held-devices.js';
import type { Screen } from '../../screen/screen.js';
import { asking, folderOf } from '../../shared-options.js';

export interface HeldOptions extends CarryingOptions {
  as?: string;
  passphraseFile?: string;
}

/** What the commands take that enrol a device into a file here. */
export const enrolling = (command: Command): Command =>
  carried(asking(command))
    .option('--as <name>', "keep it under this name; default: the account's id")
    .option('--passphrase-file <path>', 'keep the device under this passphrase');

/** Keeps what an enrolment brought in the state folder, under the name it shall have. */
export function keeperOf(options: HeldOptions): Keeper {
  const held = new HeldDevices(folderOf(options), options.passphraseFile);
  return async (description, key) => {
    const { tenant, account, device } = description;
    const owner = { tenant, account: options.as ?? account };
    held.keep(owner, description, key);
    return held.open(owner, device);
  };
}

/** Confirms the first code and says what became of the device. Returns the exit status. */
export async function confirmed(
  screen: Screen,
  { carrier, device, options }: { carrier: Carrier; device: HeldDevice; options: HeldOptions },
  more: object = {},
): Promise<number> {
  const { account, device: id, profile } = device.description;
  const verdict = await confirmFirst(carrier, device, new SystemClock().now());
  const active = verdict.verdict === 'accepted';
  const next = profile.type === 'totp' ? ' --next' : '';
  screen.result({ device: id, account, active, verdict, ...more }, [
    `device ${id} is ${active ? 'active: its first code was accepted, and is spent' : `pending: ${verdict.reason}`}`,
    `next: countersign code ${options.as ?? account}${next}`,
  ]);
  return active ? EXIT.ok : EXIT.rejected;
}
