import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCodesFile } from '@countersign/caller';
import { MAX_SHEET_CODES, MAX_SHEET_DAYS } from '@countersign/contracts';
import { RecipientKey, openSheet } from '@countersign/sealing';
import { InvalidArgumentError, type Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { askPerson } from '../ask-person.js';
import { Unusable } from '../exit.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../shared-options.js';
import { htmlPage, textPage } from '../sheets/page.js';
import { showVerdict } from '../verdict-lines.js';

export function sheet(program: Command): void {
  const group = program.command('sheet').description('codes for somebody who will be offline, each good once');
  issue(group);
  verify(group);
}

interface IssueOptions extends AskingOptions {
  count: number;
  days: number;
  recipient: string;
  out?: string;
  offline?: true;
}

const whole = (most: number) => (text: string) => {
  if (/^[0-9]{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  throw new InvalidArgumentError(`a whole number from 1 to ${most}`);
};

function issue(group: Command): void {
  const command = asking(group.command('issue <account>'))
    .description('a sheet of codes; the key service seals them, and the recipient`s private key here opens them')
    .option('--count <n>', 'codes on it', whole(MAX_SHEET_CODES), 20)
    .option('--days <n>', 'how long they are good', whole(MAX_SHEET_DAYS), 30)
    .requiredOption('--recipient <name>', 'who opens them: see `countersign recipient add`')
    .option('--out <folder>', 'write a page to print and a text there, and show no code here')
    .option('--offline', 'with --out: also the file by which a peer checks them without the platform')
    .action(async (account: string, options: IssueOptions) => {
      const key = await keyOf(options);
      const { count, days, recipient } = options;
      const wish = { account, count, days, recipient };
      const reply = await asCaller(options, 'sheet.issue', (countersign) => countersign.issueSheet(wish));
      const codes = await openSheet(key, reply, Buffer.from(reply.sealed, 'base64url'));
      const { device, expiresAt, sequence } = reply;
      const screen = screenOf(options);
      if (options.out === undefined) {
        screen.result({ device, codes, expiresAt, sequence }, codes);
      } else {
        const pages = {
          html: htmlPage({ account, device, expiresAt, codes }),
          txt: textPage({ account, device, expiresAt, codes }),
        };
        const more = options.offline && {
          'codes.json': `${JSON.stringify(await makeCodesFile(reply, codes), null, 2)}\n`,
        };
        const files = writtenTo(options.out, device, { ...pages, ...more });
        screen.result({ device, files, expiresAt, sequence }, files);
      }
      screen.note(`${count} codes of ${account}, each good once, for ${days} days; device ${device}`);
      screen.note(`to end them all: countersign device revoke ${account} ${device}`);
    });
  example(command, 'countersign sheet issue ada@acme.example --count 20 --days 30 --recipient desk --out sheets');
}

/** Before anything is issued that nobody could open. */
async function keyOf(options: IssueOptions): Promise<RecipientKey> {
  const file = folderOf(options).recipientKey(options.tenant, options.recipient);
  if (existsSync(file)) return RecipientKey.read(readFileSync(file, 'utf8'));
  throw new Unusable(
    `there is no private key of ${options.recipient} here; make one: countersign recipient add ${options.recipient}`,
  );
}

/** For their owner alone; what is there already is not overwritten. */
function writtenTo(folder: string, name: string, contents: Record<string, string>): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return Object.entries(contents).map(([ending, content]) => {
    const path = join(resolve(folder), `${name}.${ending}`);
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    return path;
  });
}

interface VerifyOptions extends AskingOptions {
  device?: string;
  origin?: string;
  requestId?: string;
}

/** A code may stand in the command line: it is spent with the first question. */
function verify(group: Command): void {
  const command = asking(group.command('verify <account> [code]'))
    .description(
      'ask whether a code of a sheet opens an account; without a code it is read from the terminal or a pipe',
    )
    .option('--device <id>', 'only this sheet')
    .option('--origin <text>', "where the person comes from, e.g. a device cookie's hash")
    .option('--request-id <id>', 'the same id and code get the same verdict for 60 s')
    .action(async (account: string, given: string | undefined, options: VerifyOptions) => {
      const code = given ?? (await askPerson('Code: '));
      const { device, origin, requestId } = options;
      const optional = { ...(device && { device }), ...(origin && { origin }), ...(requestId && { requestId }) };
      const verdict = await asCaller(options, 'sheet.verify', (countersign) =>
        countersign.verifySheet({ account, code, ...optional }),
      );
      process.exitCode = showVerdict(screenOf(options), verdict);
    });
  example(command, 'countersign sheet verify ada@acme.example ryfmf-6nw7h');
}
