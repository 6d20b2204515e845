import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { askPerson } from '../ask-person.js';
import { deviceLines } from '../screen/device-lines.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';
import { showVerdict } from '../verdict-lines.js';
import { activate } from './device/activate.js';
import { attest } from './device/attest.js';
import { carry } from './device/carry.js';
import { ocra } from './device/ocra.js';
import { pair } from './device/pair.js';
import { importSeed } from './device/import.js';
import { replace } from './device/replace.js';
import { rekey } from './device/rekey.js';
import { twoStep } from './device/two-step.js';

/** What an operator does to a device: the method's name is the word of the command. */
const CHANGES = {
  disable: 'stop accepting its codes, until enabled again',
  enable: 'accept its codes again',
  revoke: 'stop accepting its codes for ever',
} as const;

export function device(program: Command): void {
  const group = program.command('device').description('devices of an account, and being one');
  list(group);
  for (const change of Object.keys(CHANGES) as (keyof typeof CHANGES)[]) changed(group, change);
  confirm(group);
  replace(group);
  for (const being of [pair, activate, twoStep, rekey, attest, carry, ocra]) being(group);
  importSeed(group);
}

function list(group: Command): void {
  const command = asking(group.command('list <account>'))
    .description('the devices of an account')
    .action(async (account: string, options: AskingOptions) => {
      const found = await asCaller(options, 'device.list', (countersign) => countersign.devices({ account }));
      screenOf(options).result(found, deviceLines(found.devices));
    });
  example(command, 'countersign device list ada@acme.example');
}

function changed(group: Command, change: keyof typeof CHANGES): void {
  const command = asking(group.command(`${change} <account> <device>`))
    .description(CHANGES[change])
    .action(async (account: string, id: string, options: AskingOptions) => {
      const done = await asCaller(options, `device.${change}`, (countersign) =>
        countersign[change]({ account, device: id }),
      );
      screenOf(options).result(done, `device ${done.device} is ${done.status}, ledger sequence ${done.sequence}`);
    });
  example(command, `countersign device ${change} ada@acme.example 7k3m0x9q2tfw`);
}

function confirm(group: Command): void {
  const command = asking(group.command('confirm <account> <device> [code]'))
    .description("a pending device's first code makes it active; without a code it is read from the terminal or a pipe")
    .action(async (account: string, id: string, given: string | undefined, options: AskingOptions) => {
      const code = given ?? (await askPerson('Code: '));
      const verdict = await asCaller(options, 'device.confirm', (countersign) =>
        countersign.confirm({ account, device: id, code }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(command, 'countersign device confirm ada@acme.example 7k3m0x9q2tfw 492039');
}
