import { Platform, type SupervisedProcess } from '@countersign/local';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { NEXT_LINES, platformLines } from '../screen/platform-lines.js';
import type { Screen } from '../screen/screen.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';
import { tour } from '../tour/tour.js';

interface Options extends SharedOptions {
  tour?: true;
  once?: true;
}

export function up(program: Command): void {
  const command = shared(program.command('up'))
    .description('run the whole platform on this machine until Ctrl-C; what is missing is made first')
    .option('--tour', 'show on the running platform what it is for')
    .option('--once', 'stop after the start (and the tour): 0, or 1 when a step was not as expected')
    .action(async (options: Options) => {
      process.exitCode = await run(options, screenOf(options));
    });
  example(command, 'countersign up --tour', 'countersign up --tour --once');
}

async function run(options: Options, screen: Screen): Promise<number> {
  const wish = wishToStop();
  screen.line('making what is missing: credentials, secrets, the HSM token');
  const platform = await Platform.create({ folder: folderOf(options).path });
  if (wish.came) return EXIT.ok;
  const told = new Reporter(screen);
  await platform.start({ say: (line) => screen.line(`started ${line}`), watch: (process) => told.change(process) });
  try {
    const wrong = options.tour ? await tour(platform, screen) : [];
    if (options.once) return once(screen, wrong);
    showStatus(platform, screen, wrong);
    told.on = true;
    await wish.stop;
    told.on = false;
    return wrong.length > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    screen.line();
    screen.line('stopping');
    await platform.stop();
    screen.line('stopped: no process and no lock is left; the data stays');
  }
}

function once(screen: Screen, wrong: string[]): number {
  screen.line();
  for (const line of NEXT_LINES) screen.line(line);
  return sayWrong(screen, wrong);
}

function sayWrong(screen: Screen, wrong: string[]): number {
  if (wrong.length === 0) return EXIT.ok;
  screen.note(`not as expected: ${wrong.join(', ')}`);
  return EXIT.failed;
}

function showStatus(platform: Platform, screen: Screen, wrong: string[]): void {
  screen.line();
  const { natsServer, redisPort, folder, processes } = platform;
  screen.result(
    { natsServer, redisPort, folder: folder.path, processes: processes.map(({ name, pid }) => ({ name, pid })) },
    platformLines(platform),
  );
  screen.line();
  sayWrong(screen, wrong);
  screen.line('Ctrl-C stops everything.');
}

/** Says when a process ends and comes back, once everything runs. */
class Reporter {
  on = false;

  constructor(private readonly screen: Screen) {}

  change({ name, state, restarts }: SupervisedProcess): void {
    if (!this.on) return;
    if (state === 'waiting')
      this.screen.line(`  ${this.screen.paint('yellow', '!')} ${name} ended and is started again`);
    else if (state === 'ready')
      this.screen.line(`  ${this.screen.paint('green', '✔')} ${name} is back (start ${restarts + 1})`);
    else if (state === 'failed')
      this.screen.line(`  ${this.screen.paint('red', '✘')} ${name} ended for good; see its log`);
  }
}

/** The first Ctrl-C (or SIGTERM, or the terminal's end). A second one changes nothing: stopping is bounded in time. */
function wishToStop(): { stop: Promise<void>; came: boolean } {
  const wish = { came: false, stop: Promise.resolve() };
  wish.stop = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        wish.came = true;
        resolve();
      });
  });
  return wish;
}
