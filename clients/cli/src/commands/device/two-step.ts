import { fromOtpauth, type FromUri } from '@countersign/device';
import { reasonOf } from '@countersign/runtime';
import { WebRandom } from '@countersign/runtime/portable';
import type { Command } from 'commander';
import { askPerson } from '../../ask-person.js';
import { Unusable } from '../../exit.js';
import { HeldDevices } from '../../held-devices.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../../shared-options.js';

interface Options extends SharedOptions {
  passphraseFile?: string;
}

/** The URI holds a secret, so it is read and not given: others can list a command line. */
export function twoStep(group: Command): void {
  const command = shared(group.command('two-step'))
    .description(
      'be an authenticator app: reads an otpauth URI from the terminal or a pipe, shows its own part of the seed where it is in two steps, and is kept here',
    )
    .option('--passphrase-file <path>', 'keep the device under this passphrase')
    .action(async (options: Options) => {
      const { description, key, phonePart } = await readUri();
      const { tenant, account, device } = description;
      const file = new HeldDevices(folderOf(options), options.passphraseFile).keep(
        { tenant, account },
        description,
        key,
      );
      screenOf(options).result({ device, file, ...(phonePart !== undefined && { phonePart }) }, [
        ...(phonePart === undefined ? [] : [`type this where the QR code is shown: ${phonePart}`]),
        `kept in ${file}`,
        `next: countersign code ${account}`,
      ]);
    });
  example(command, 'countersign device two-step < uri.txt');
}

async function readUri(): Promise<FromUri> {
  const uri = await askPerson('otpauth URI: ');
  try {
    return await fromOtpauth(uri, new WebRandom());
  } catch (cause) {
    throw new Unusable(`the URI cannot be used: ${reasonOf(cause)}`, { cause });
  }
}
