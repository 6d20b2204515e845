import { Option, type Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { makeAccount } from '../enrolling/make-account.js';
import { DEVICE_METHODS, DEVICE_METHODS_HELP, type Method } from '../enrolling/methods.js';
import { printSheet } from '../enrolling/print-sheet.js';
import { profileFields, profiled, type ProfileOptions } from '../profile-options.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../shared-options.js';

const METHODS: Record<string, Method> = {
  ...DEVICE_METHODS,
  recovery: { verb: 'recovery.issue', run: printSheet },
};

interface EnrollOptions extends AskingOptions, ProfileOptions {
  method: string;
  issuer?: string;
  namedOnly?: true;
  passphraseFile?: string;
}

const HELP = `${DEVICE_METHODS_HELP}
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

function run(account: string, options: EnrollOptions): Promise<number> {
  const screen = screenOf(options);
  const method = METHODS[options.method]!;
  return asCaller(options, method.verb, async (countersign, { tenant }) => {
    await makeAccount(screen, countersign, account);
    const profile = profileFields(options);
    const wish = options.namedOnly ? { namedOnly: true as const } : {};
    return method.run(screen, countersign, { account, tenant, folder: folderOf(options), profile, wish, options });
  });
}
