import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { SERVICES } from '@countersign/contracts';
import { World } from '../world/world.js';
import { Load } from '../overload/load.js';

/**
 * Whether a service's memory grows under steady load: a platform of its own, questions all the time, the resident memory of
 * each service every few seconds, and at the end the slope of a line through the last two thirds. One line of JSON.
 */
const HELP = 'npm run soak -- [--minutes 30] [--per-second 500]   memory of every service under load, and its slope';
const PAGE_BYTES = 4096;
const SAMPLES = 120;

interface Point {
  seconds: number;
  megabytes: number;
}

/** Megabytes an hour, by least squares. */
export function slopeOf(points: Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, each) => sum + of(each), 0) / points.length;
  const [t, m] = [mean(({ seconds }) => seconds), mean(({ megabytes }) => megabytes)];
  const above = points.reduce((sum, { seconds, megabytes }) => sum + (seconds - t) * (megabytes - m), 0);
  const below = points.reduce((sum, { seconds }) => sum + (seconds - t) ** 2, 0);
  return (3600 * above) / below;
}

const residentMegabytes = (pid: number): number =>
  (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 1e6;

async function soak(minutes: number, perSecond: number): Promise<void> {
  const world = await World.start({ replicas: { delivery: 1 } });
  try {
    const load = await Load.connect(world, 'acme');
    const seconds = (60 * minutes) / SAMPLES;
    const points = new Map<string, Point[]>(SERVICES.map((service) => [service, []]));
    let served = 0;
    for (let at = 1; at <= SAMPLES; at += 1) {
      served += (await load.open(perSecond, seconds)).servedMs.length;
      for (const { name, pid } of world.platform.processes)
        points
          .get(name.replace(/-\d+$/, ''))
          ?.push({ seconds: at * seconds, megabytes: residentMegabytes(pid as number) });
      if (at % 12 === 0) process.stderr.write(`${Math.round((100 * at) / SAMPLES)} %, ${served} verdicts\n`);
    }
    await load.close();
    const services = [...points].map(([name, all]) => {
      const settled = all.slice(Math.floor(all.length / 3));
      const tenths = (value: number): number => Math.round(10 * value) / 10;
      return {
        name,
        firstMb: tenths(settled[0]?.megabytes ?? 0),
        lastMb: tenths(settled.at(-1)?.megabytes ?? 0),
        slopeMbPerHour: tenths(slopeOf(settled)),
      };
    });
    process.stdout.write(`${JSON.stringify({ minutes, verdicts: served, services })}\n`);
  } finally {
    await world.stop();
  }
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    'per-second': { type: 'string', default: '500' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(`${HELP}\n`);
else await soak(Number(values.minutes), Number(values['per-second']));
