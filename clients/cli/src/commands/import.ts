import { createReadStream, existsSync, writeFileSync } from 'node:fs';
import { publicKeys } from '@countersign/local';
import { SystemClock } from '@countersign/runtime';
import {
  FORMATS,
  TokenFileError,
  read,
  survey,
  type Format,
  type ReadOptions,
  type Token,
} from '@countersign/token-files';
import { Option, type Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { EXIT, Unusable } from '../exit.js';
import { ACCOUNT_FROM, accountOf, type AccountFrom } from '../importing/account-of.js';
import { importAll } from '../importing/import-all.js';
import { Importer } from '../importing/importer.js';
import { openKeys, type KeyOptions } from '../importing/open-keys.js';
import { Progress, counted } from '../importing/progress.js';
import { newReport, note, reportLines, sorted, summary, type Report } from '../importing/report.js';
import { tokenDevice } from '../importing/token-device.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../shared-options.js';

interface Options extends AskingOptions, KeyOptions {
  format?: Format;
  accountFrom: AccountFrom;
  active?: true;
  firstUse?: true;
  namedOnly?: true;
  strict?: true;
  dryRun?: true;
  report?: string;
}

/** A token file is decrypted here, and each seed wrapped here to the HSM: no service sees one. */
export function importFile(program: Command): void {
  const command = asking(program.command('import <file>'))
    .description(
      'take in the tokens of a file: PSKC, CSV, Aegis, 2FAS; run it again after an interruption: what is there stays',
    )
    .addOption(new Option('--format <name>', 'default: told from the content').choices(FORMATS))
    .option('--key-file <path>', 'PSKC: the pre-shared key, in hexadecimal or base64')
    .option('--password-file <path>', 'PSKC, Aegis, 2FAS: the password')
    .addOption(
      new Option('--account-from <what>', 'what names the account: the user, where the file has one; or the serial')
        .choices(ACCOUNT_FROM)
        .default('user'),
    )
    .addOption(
      new Option('--active', 'active at once; without this and --first-use: as the policy says').conflicts('firstUse'),
    )
    .option('--first-use', 'active with the first code that any verification accepts')
    .option('--named-only', 'judged only when a request names it')
    .option('--strict', 'import nothing when any token of the file is refused')
    .option('--dry-run', 'say what would be refused, and import nothing')
    .option('--report <path>', 'write what became of each token, as JSON')
    .action(async (file: string, options: Options) => {
      process.exitCode = await run(file, options);
    });
  example(
    command,
    'countersign import tokens.xml --key-file key.txt --active --report report.json',
    'countersign import tokens.csv --dry-run',
  );
}

/** Everything that is wrong with the file is known before anything is sent. */
async function run(file: string, options: Options): Promise<number> {
  if (!existsSync(file))
    throw new Unusable(`there is no file ${file}; for one seed of an account: countersign device import <account>`);
  const { format, strict, dryRun } = options;
  const reading: ReadOptions = { ...openKeys(options), ...(format !== undefined && { format }) };
  const { tokens, refused } = await readable(() => survey(createReadStream(file), reading));
  const report = newReport(file, options.tenant, tokens, refused);
  const stops = dryRun || (strict && refused.length > 0) || tokens === 0;
  if (!stops) return imported(file, reading, report, options);
  told(report, options, `${counted(tokens)} tokens could be imported; nothing was sent`);
  return refused.length > 0 ? EXIT.failed : EXIT.ok;
}

async function imported(file: string, reading: ReadOptions, report: Report, options: Options): Promise<number> {
  const { tenant, accountFrom } = options;
  const shows = process.stderr.isTTY === true && !options.json;
  const progress = new Progress(
    report.tokens,
    new SystemClock(),
    shows ? (text) => void process.stderr.write(text) : undefined,
  );
  const wanted = (token: Token) => ({
    token,
    account: accountOf(token, accountFrom),
    device: tokenDevice(tenant, token.serial),
  });
  try {
    await asCaller(options, 'device.import.batch', async (countersign) => {
      const importer = new Importer({
        ...{ countersign, tenant, pinnedIdentityKey: publicKeys(folderOf(options)).identity },
        ...{ activate: options.active ?? (options.firstUse && 'first-use'), namedOnly: options.namedOnly ?? false },
      });
      const lines = read(createReadStream(file), reading);
      await readable(() =>
        importAll(lines, wanted, importer, (one, outcome) => {
          note(report, one, outcome);
          progress.add();
        }),
      );
    });
  } catch (error) {
    progress.end();
    const done = report.imported + report.there;
    told(report, options, `stopped after ${counted(done)} of ${counted(report.tokens)}; run it again for the others`);
    throw error;
  }
  progress.end();
  const { imported, there } = report;
  const pace = `${counted(Math.round((imported + there) / progress.seconds))} a second`;
  told(report, options, `${counted(report.tokens)} tokens in ${progress.seconds.toFixed(1)} s, ${pace}`);
  return report.refused.length + report.failed.length > 0 ? EXIT.failed : EXIT.ok;
}

function told(report: Report, options: Options, headline: string): void {
  sorted(report);
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  screenOf(options).result(summary(report), [headline, ...reportLines(report)]);
}

/** Throws Unusable for a file that cannot be read as a whole. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TokenFileError) throw new Unusable(`${cause.code}: ${cause.message}`, { cause });
    throw cause;
  }
}
