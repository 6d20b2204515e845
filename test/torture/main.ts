import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { wantedFaults } from './faults/wanted.js';
import { INSIDE } from './network/namespaces.js';
import { HELP, readOptions, WrongOption, type Options } from './options.js';
import { summary } from './report/summary.js';
import { Tally } from './report/tally.js';
import { run } from './run.js';
import { Ending } from './schedule/ending.js';

const WRONG = 2;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Resolves with the exit status. */
async function main(args: string[]): Promise<number> {
  const wish = readOptions(args, () => new SystemRandom().bytes(4).readUInt32BE());
  if (wish.kind === 'help') {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const { options } = wish;
  const network = process.env[INSIDE] !== undefined;
  const faults = wantedFaults(options.faults, { cluster: options.world === 'rich', namespaces: network });
  const folder = folderFor(options);
  let kept = options.keep !== undefined;
  const [tally, ending] = [new Tally(), new Ending()];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.now());
  say(`seed ${options.seed}`);
  try {
    const result = await run(options, { faults, network, folder, tally, ending, clock: new SystemClock(), say });
    kept ||= result.violations > 0;
    say(summary(result, tally, kept ? folder : undefined));
    const { found: _, ...figures } = result;
    process.stdout.write(
      `${JSON.stringify({ seed: options.seed, world: options.world, ...figures, faults_not_done: Object.fromEntries(tally.notDone) })}\n`,
    );
    return result.violations === 0 && tally.neverDone.length === 0 ? 0 : 1;
  } finally {
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
}

function folderFor({ keep }: Options): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), 'countersign-history-'));
  mkdirSync(keep, { recursive: true });
  return resolve(keep);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof WrongOption) say(`torture: ${error.message}\nMore: npm run torture -- --help`);
  else console.error(error);
  process.exitCode = error instanceof WrongOption ? WRONG : 1;
}
