import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { monotonicMs } from '@countersign/bus';
import { SERVICES } from '@countersign/contracts';
import { sleep } from '@countersign/runtime';
import { World } from '../world/world.js';

/**
 * How long each service takes from its start to its first answer, and how much memory it holds when nobody has asked it
 * anything: the medians of several starts. One line of JSON for each.
 */
const HELP = 'npm run bench:start -- [--times 5]   how long each service takes to start, and its memory when idle';
const IDLE_MS = 3000;
const BYTES_A_KIB = 1024;

const residentMb = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * BYTES_A_KIB) / 1e6;
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const { values: options } = parseArgs({
  options: { times: { type: 'string', default: '5' }, help: { type: 'boolean', default: false } },
});
const times = Number(options.times);
if (options.help || !Number.isInteger(times) || times < 1 || times > 100) {
  process.stderr.write(options.help ? `${HELP}\n` : `--times: 1 to 100, not ${options.times}\n`);
  process.exit(options.help ? 0 : 64);
}

const world = await World.start({ replicas: { delivery: 1 } });
try {
  for (const service of SERVICES) {
    const process_ = world.platform.process(`${service}-1`);
    const startMs: number[] = [];
    const idleMb: number[] = [];
    for (let time = 0; time < times; time += 1) {
      await process_.stop();
      const beganMs = monotonicMs();
      await process_.start();
      startMs.push(monotonicMs() - beganMs);
      await sleep(IDLE_MS);
      idleMb.push(residentMb(process_.pid as number));
    }
    const figures = { startMs: Math.round(median(startMs)), idleMb: Math.round(median(idleMb)) };
    process.stdout.write(`${JSON.stringify({ service, ...figures, cores: cpus().length })}\n`);
  }
} finally {
  await world.stop();
}
