import { askServices, connectAs, natsServerOf, planOf } from '@countersign/local';
import type { Bus } from '@countersign/bus';
import { Failure } from '@countersign/contracts';
import { sleep } from '@countersign/runtime';
import type { Command } from 'commander';
import { wholeNumber } from '../profile-options.js';
import { topLines } from '../screen/top-lines.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';
import { Between } from '../top/between.js';
import { figuresOf } from '../top/figures.js';
import { sampleOf, type Sample, type ToldMetrics } from '../top/sample.js';

interface Options extends SharedOptions {
  every: number;
  times: number;
}

const CONNECT_WITHIN_MS = 1000;
const CLEAR = '\x1b[H\x1b[2J';

export function top(program: Command): void {
  const command = shared(program.command('top'))
    .description(
      'verdicts, refusals, HSM, ledger and lag of all replicas, live; asked of them over NATS as the operator',
    )
    .option('--every <seconds>', 'the interval', wholeNumber, 2)
    .option('--times <number>', 'end after so many intervals; 0: until Ctrl-C', wholeNumber, 0)
    .action(async (options: Options) => {
      const folder = folderOf(options);
      const screen = screenOf(options);
      const bus = await connectAs(folder, natsServerOf(planOf(folder)), 'operator', CONNECT_WITHIN_MS);
      try {
        let before = await look(bus);
        for (let round = 0; options.times === 0 || round < options.times; round += 1) {
          await sleep(Math.max(1, options.every) * 1000);
          const now = await look(bus);
          const figures = figuresOf(new Between(before, now));
          if (process.stdout.isTTY) screen.line(CLEAR);
          screen.result(figures, topLines(figures));
          before = now;
        }
      } finally {
        await bus.close();
      }
    });
  example(command, 'countersign top', 'countersign top --every 10 --json >> figures.jsonl');
}

/** Throws UNAVAILABLE when no service answers. */
async function look(bus: Bus): Promise<Sample> {
  const told = await askServices<ToldMetrics>(bus, 'METRICS');
  if (told.length === 0) throw new Failure('UNAVAILABLE', 'no service answers');
  return sampleOf(told, performance.now());
}
