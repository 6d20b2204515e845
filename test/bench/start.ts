import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { monotonicMs } from '@countersign/bus';
import { SERVICES } from '@countersign/contracts';
import { sleep } from '@countersign/runtime';
import { World } from '../world/world.js';

/**
 * How long each service takes from its start to its first answer, and how much memory it holds when nobody has asked it
 * anything: the medians of five starts. One line of JSON for each.
 */
const TIMES = 5;
const IDLE_MS = 3000;
const BYTES_A_KIB = 1024;

const residentMb = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * BYTES_A_KIB) / 1e6;
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const world = await World.start({ replicas: { delivery: 1 } });
try {
  for (const service of SERVICES) {
    const process_ = world.platform.process(`${service}-1`);
    const startMs: number[] = [];
    const idleMb: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
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
