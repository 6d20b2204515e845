import { createReadStream, existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SeenFile, StoredLog, filesIn, verifyExport, verifyLog, type Finding } from '@countersign/audit-verifier';
import { SystemClock } from '@countersign/runtime';
import type { VerifierKey } from '@countersign/tlog';
import type { Command } from 'commander';
import { findingLines } from '../../auditing/finding-lines.js';
import { keyed, logKey, type KeyOptions } from '../../auditing/log-key.js';
import { EXIT, Unusable } from '../../exit.js';
import { Progress, counted } from '../../importing/progress.js';
import { example, screenOf, shared } from '../../shared-options.js';

interface Options extends KeyOptions {
  seen?: string;
  resume?: true;
}

/** What was found, for the screen. */
interface Outcome {
  right: string;
  size: number | undefined;
  findings: readonly Finding[];
}

export function verify(group: Command): void {
  const command = keyed(shared(group.command('verify <log>')))
    .description('is a downloaded log (a folder) or an export (a file) what was signed? Asks nobody')
    .option(
      '--seen <file>',
      'a log must begin with what this file says was verified; it then says what is verified now',
    )
    .option('--resume', 'read only what came since --seen')
    .action(async (path: string, options: Options) => {
      if (options.resume && options.seen === undefined) throw new Unusable('--resume needs --seen');
      if (!existsSync(path)) throw new Unusable(`there is no ${path}`);
      const key = logKey(options);
      const { right, size, findings } = statSync(path).isDirectory()
        ? log(path, key, options)
        : await exported(path, key, options);
      screenOf(options).result(
        { right: findings.length === 0, size, findings },
        findings.length > 0 ? findingLines(findings) : right,
      );
      process.exitCode = findings.length > 0 ? EXIT.failed : EXIT.ok;
    });
  example(command, 'countersign audit verify log/ --seen verified', 'countersign audit verify events.jsonl');
}

function log(path: string, key: VerifierKey, options: Options): Outcome {
  const file = options.seen === undefined ? undefined : new SeenFile(options.seen);
  const seen = file?.read(key);
  const shows = progress(options);
  const { note, head, from, findings } = verifyLog(new StoredLog(filesIn(path)), {
    key,
    seen,
    resume: options.resume,
    tell: shows.tell,
  });
  shows.end();
  if (findings.length === 0) file?.write(note);
  const since = options.resume && seen ? `, those since ${counted(seen.size)} read` : '';
  const what = from === 'entries' ? 'every entry is what was signed' : 'every tile is; the entries are not here';
  return {
    right: `right: ${counted(head?.size ?? 0)} entries by ${key.name}${since}: ${what}`,
    size: head?.size,
    findings,
  };
}

async function exported(path: string, key: VerifierKey, options: Options): Promise<Outcome> {
  if (options.seen !== undefined) throw new Unusable('--seen is for a log: an export does not show how the log grew');
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  const { events, head, findings } = await verifyExport(lines, key);
  const right = `right: ${counted(events)} events of a log of ${counted(head?.size ?? 0)} entries by ${key.name}; none is missing between the first and the last of an account`;
  return { right, size: head?.size, findings };
}

/** On a terminal only. */
function progress({ json }: Options): { tell: (done: number, total: number) => void; end: () => void } {
  if (json || !process.stderr.isTTY) return { tell: () => undefined, end: () => undefined };
  let bar: Progress | undefined;
  const tell = (done: number, total: number): void => {
    bar ??= new Progress(total, new SystemClock(), (text) => void process.stderr.write(text));
    bar.reach(done);
  };
  return { tell, end: () => bar?.end() };
}
