import type { Countersign } from '@countersign/caller';
import type { Verb } from '@countersign/contracts';
import { Option, type Command } from 'commander';
import { asCaller } from '../as-caller.js';
import type { EnrolParts } from '../enrolling/enrol-parts.js';
import { giveToApp } from '../enrolling/give-to-app.js';
import { keepHere } from '../enrolling/keep-here.js';
import { issueActivation } from '../enrolling/issue-activation.js';
import { makeAccount } from '../enrolling/make-account.js';
import { openPairing } from '../enrolling/pair-by-pin.js';
import { printSheet } from '../enrolling/print-sheet.js';
import { inTwoSteps } from '../enrolling/two-step.js';
import { profiled, type ProfileOptions } from '../profile-options.js';
import type { Screen } from '../screen/screen.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../shared-options.js';

/** How a device comes by its key: the verb that begins it, and what is done here. Returns the exit status. */
interface Method {
  verb: Verb;
  run: (screen: Screen, countersign: Countersign, parts: EnrolParts) => Promise<number>;
}

const METHODS: Record<string, Method> = {
  here: { verb: 'enroll.exchange', run: keepHere },
  otpauth: { verb: 'enroll.exchange', run: giveToApp },
  pin: { verb: 'pair.open', run: openPairing },
  activation: { verb: 'activation.issue', run: issueActivation },
  'two-step': { verb: 'device.import', run: inTwoSteps },
  recovery: { verb: 'recovery.issue', run: printSheet },
};

interface EnrollOptions extends AskingOptions, ProfileOptions {
  method: string;
  issuer?: string;
  namedOnly?: true;
  passphraseFile?: string;
}

const HELP = `
Methods:
  here        a file in the state folder, its first code confirmed at once
  otpauth     an authenticator app: the otpauth URI and its QR code, which hold the secret
  pin         a device that scans the invitation and is given the PIN: countersign device pair
  activation  a device that scans the invitation, which works once: countersign device activate
  two-step    an app that adds a part of its own, typed here, as privacyIDEA's apps do; or: countersign device two-step
  recovery    no device: a sheet of ten codes, each good once; another sheet ends the one before`;

export function enroll(program: Command): void {
  const methods = Object.keys(METHODS);
  const command = profiled(asking(program.command('enroll <account>')))
    .description('a new device for an account, made if it is not there')
    .addOption(new Option('--method <method>', 'how the device gets its key').choices(methods).default('here'))
    .addOption(new Option('--app', 'the same as --method otpauth').implies({ method: 'otpauth' }))
    .option('--issuer <name>', 'what an app shows beside the account; default: the tenant')
    .option('--named-only', 'judged only when a request names it')
    .option('--passphrase-file <path>', 'here: keep the device under this passphrase')
    .addHelpText('after', HELP)
    .action(async (account: string, options: EnrollOptions) => {
      process.exitCode = await run(account, options);
    });
  example(command, 'countersign enroll ada@acme.example', 'countersign enroll ada@acme.example --method two-step');
}

/** The device stays pending until its first code is confirmed, which each method sees to. */
function run(account: string, options: EnrollOptions): Promise<number> {
  const screen = screenOf(options);
  const method = METHODS[options.method]!;
  return asCaller(options, method.verb, async (countersign, { tenant }) => {
    await makeAccount(screen, countersign, account);
    return method.run(screen, countersign, { account, tenant, folder: folderOf(options), options });
  });
}
