import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { enrolDevice, type Enrolled } from '../enrolling/enrol-device.js';
import { giveToApp } from '../enrolling/give-to-app.js';
import { keepHere } from '../enrolling/keep-here.js';
import { EXIT } from '../exit.js';
import { profiled, type ProfileOptions } from '../profile-options.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../shared-options.js';

export interface EnrollOptions extends AskingOptions, ProfileOptions {
  app?: true;
  issuer?: string;
  namedOnly?: true;
  passphraseFile?: string;
}

export function enroll(program: Command): void {
  const command = profiled(asking(program.command('enroll <account>')))
    .description(
      'a new device for an account, made if it is not there: held here in a file, or in an authenticator app',
    )
    .option('--app', 'for an authenticator app: shows the otpauth URI and its QR code')
    .option('--issuer <name>', 'what the app shows beside the account; default: the tenant')
    .option('--named-only', 'judged only when a request names it')
    .option('--passphrase-file <path>', 'keep the device under this passphrase')
    .action(async (account: string, options: EnrollOptions) => {
      process.exitCode = await run(account, options);
    });
  example(command, 'countersign enroll ada@acme.example', 'countersign enroll ada@acme.example --app');
}

/** The device stays pending until its first code is confirmed, which each of the two roads sees to. */
async function run(account: string, options: EnrollOptions): Promise<number> {
  const screen = screenOf(options);
  return asCaller(options, 'enroll.exchange', async (countersign, { tenant }) => {
    const enrolled: Enrolled = await enrolDevice(countersign, { account, tenant, folder: folderOf(options), options });
    using _key = enrolled.key;
    if (enrolled.accountMade) screen.note(`account ${account} made`);
    const confirm = async (code: string) => countersign.confirm({ account, device: enrolled.description.device, code });
    const verdict = options.app
      ? await giveToApp(screen, enrolled, { account, issuer: options.issuer ?? tenant, confirm })
      : await keepHere(screen, enrolled, { account, folder: folderOf(options), options, confirm });
    return verdict === undefined || verdict.verdict === 'accepted' ? EXIT.ok : EXIT.rejected;
  });
}
