import { SystemClock } from '@countersign/runtime';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { Unusable } from '../../exit.js';
import { HeldDevices } from '../../held-devices.js';
import { jsonObject } from '../../json-object.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../../shared-options.js';

interface Options extends SharedOptions {
  tenant: string;
  device?: string;
  passphraseFile?: string;
  asked?: string;
  response?: string;
  challenge?: string;
  transaction?: object;
}

export function ocra(group: Command): void {
  const command = shared(group.command('ocra <account> [question]'))
    .description(
      'the OCRA response of a device held here to a question; without a question, one of its own to the platform',
    )
    .option('--tenant <name>', 'the tenant of the account', 'acme')
    .option('--device <id>', 'which device, where several are held')
    .option('--passphrase-file <path>', 'file with the passphrase that the device was kept under')
    .option('--challenge <id>', 'instead of a question: the challenge that it is for')
    .option('--transaction <json>', 'with --challenge: what is signed', jsonObject)
    .option('--asked <question>', 'the question of its own that the platform was asked')
    .option('--response <code>', "the platform's response to that; a wrong one ends it")
    .action(run);
  example(command, 'countersign device ocra ada@acme.example 19283746', 'countersign device ocra ada@acme.example');
}

async function run(account: string, question: string | undefined, options: Options): Promise<void> {
  const { tenant, passphraseFile, asked, response, challenge, transaction } = options;
  using device = new HeldDevices(folderOf(options), passphraseFile).open({ tenant, account }, options.device);
  const screen = screenOf(options);
  const asks = question === undefined && challenge === undefined;
  if (asks) {
    const own = await device.ask(new WebRandom()).catch(unusable);
    screen.result({ device: device.description.device, asked: own }, own);
    return;
  }
  if ((asked === undefined) !== (response === undefined)) throw new Unusable('--asked and --response go together');
  const what = challenge === undefined ? { question: question! } : { challenge, ...(transaction && { transaction }) };
  const mutual = asked !== undefined && response !== undefined ? { asked, response } : {};
  const code = await device.respond({ ...what, ...mutual }, new SystemClock().now()).catch(unusable);
  screen.result({ device: device.description.device, code }, code);
}

/** What was typed is no question of this device's. */
function unusable(error: unknown): never {
  throw error instanceof RangeError ? new Unusable(error.message) : error;
}
