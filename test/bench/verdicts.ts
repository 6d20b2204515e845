import { fork, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { StartOptions } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import { Floor } from './floor/floor.js';
import { usedBy } from './processors.js';
import type { Job, Kind, Measured, Target } from './verdicts/load.js';
import { Ours } from './verdicts/ours.js';

const HELP = `npm run bench -- [options]

How many verdicts a second the whole path gives (caller, verification, key service with SoftHSM, acknowledged append, reply), and
beside it, alternating in the same run, a floor: the same steps hand-written, with no framework, validation or budget.

  --people N      devices, one an account (default 10000)
  --seconds N     of each measurement (default 2.5)
  --rounds N      of which the medians are shown (default 5)
  --scenario S    only those whose name has S in it
  --sync WHEN     NATS's sync_interval: always (default, as in production on one server), or default (NATS's own, 2 minutes)
  --replicas LIST how many of which service, as verification=2,key-derivation=2 (default: one of each)
  --without-redis Redis is stopped once everybody is enrolled; the floor keeps its own
  --json          one line of JSON last, and no table
  --help

Examples:
  npm run bench
  npm run bench -- --scenario "64 in flight" --rounds 3 --json`;

interface Scenario {
  name: string;
  kind: Kind;
  inFlight: number;
}

const SCENARIOS: Scenario[] = [
  { name: 'accepted, one at a time', kind: 'accepted', inFlight: 1 },
  { name: 'accepted, 64 in flight', kind: 'accepted', inFlight: 64 },
  { name: 'accepted, 256 in flight', kind: 'accepted', inFlight: 256 },
  { name: 'replays, 64 in flight', kind: 'replay', inFlight: 64 },
  { name: 'wrong codes, 64 in flight', kind: 'wrong', inFlight: 64 },
  { name: 'unknown names, 64 in flight', kind: 'unknown', inFlight: 64 },
  { name: 'locked accounts, 64 in flight', kind: 'locked', inFlight: 64 },
];
/** What the floor has no step of its own for is compared with its accepted path. */
const FLOOR_KIND = {
  accepted: 'accepted',
  replay: 'accepted',
  wrong: 'wrong',
  unknown: 'wrong',
  locked: 'wrong',
} as const;
const WARM_UP_MS = 1500;
const QUIET_MS = 300;

type Side = 'ours' | 'floor';
interface Round extends Measured {
  /** microseconds of the processors per verdict, by process */
  cpuUs: Record<string, number>;
}

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '2.5' },
    rounds: { type: 'string', default: '5' },
    scenario: { type: 'string', default: '' },
    sync: { type: 'string', default: 'always' },
    replicas: { type: 'string', default: '' },
    'without-redis': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

class Load {
  private readonly child: ChildProcess = fork(fileURLToPath(new URL('verdicts/load.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

  run(job: Job): Promise<Measured> {
    return new Promise((resolve, reject) => {
      const died = (status: number | null): void => reject(new Error(`the load ended with ${status}`));
      this.child.once('exit', died);
      this.child.once('message', (measured: Measured) => {
        this.child.off('exit', died);
        resolve(measured);
      });
      this.child.send(job);
    });
  }

  stop(): void {
    this.child.disconnect();
  }
}

async function measured(load: Load, job: Job, pids: Map<string, number>): Promise<Round> {
  await sleep(QUIET_MS);
  const before = usedBy(pids);
  const round = await load.run(job);
  const cpuUs: Record<string, number> = {};
  for (const [name, used] of usedBy(pids))
    cpuUs[name] = Math.round(((used - (before.get(name) ?? 0)) / round.asked) * 1e6);
  return { ...round, cpuUs };
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

function summary(rounds: Round[]): Omit<Round, 'asked'> {
  const of = (get: (round: Round) => number): number => median(rounds.map(get));
  const names = Object.keys(rounds[0]?.cpuUs ?? {});
  const wrong: Record<string, number> = {};
  for (const round of rounds)
    for (const [said, times] of Object.entries(round.wrong)) wrong[said] = (wrong[said] ?? 0) + times;
  return {
    wrong,
    perSecond: Math.round(of((round) => round.perSecond)),
    p50Ms: Number(of((round) => round.p50Ms).toFixed(2)),
    p99Ms: Number(of((round) => round.p99Ms).toFixed(2)),
    cpuUs: Object.fromEntries(names.map((name) => [name, of((round) => round.cpuUs[name] ?? 0)])),
  };
}

function line(name: string, { perSecond, p50Ms, p99Ms, cpuUs, wrong }: Omit<Round, 'asked'>): string {
  const used = Object.entries(cpuUs).filter(([, us]) => us > 0);
  const odd = Object.keys(wrong).length > 0 ? `  NOT AS ASKED ${JSON.stringify(wrong)}` : '';
  const numbers = `${String(perSecond).padStart(7)}/s  p50 ${p50Ms.toFixed(2).padStart(7)} ms  p99 ${p99Ms.toFixed(2).padStart(7)} ms`;
  return `  ${name.padEnd(6)} ${numbers}  CPU us: ${used.map(([part, us]) => `${part} ${us}`).join(', ')}${odd}`;
}

if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const numbers = [Number(values.people), Number(values.seconds), Number(values.rounds)] as const;
const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.scenario));
if (numbers.some((each) => !(each > 0)) || !['always', 'default'].includes(values.sync) || scenarios.length === 0) {
  say(HELP);
  process.exit(2);
}
const [people, seconds, rounds] = numbers;
const replicas = Object.fromEntries(
  values.replicas
    .split(',')
    .flatMap((each) => (each === '' ? [] : [each.split('=')]))
    .map(([name, count]) => [name, Number(count)]),
) as NonNullable<StartOptions['replicas']>;
const sync = values.sync === 'default' ? undefined : values.sync;

const stops: (() => Promise<void> | void)[] = [];
try {
  say('starting the floor and the platform, each with servers of its own');
  const floor = await Floor.start(sync);
  stops.push(() => floor.stop());
  const ours = await Ours.start(sync, { replicas });
  stops.push(() => ours.stop());
  await ours.enrol(people, (done) => done % 1024 === 0 && say(`  ${done} of ${people} devices`));
  if (values['without-redis']) await ours.world.platform.process('redis').stop();
  const load = new Load();
  stops.push(() => load.stop());
  const sides: Record<Side, { target: Target; pids: Map<string, number> }> = {
    ours: { target: ours.target, pids: ours.pids },
    floor: { target: { servers: floor.servers, subject: 'floor.verify' }, pids: floor.pids },
  };
  const job = (side: Side, { kind, inFlight }: Scenario, forMs: number): Job => ({
    target: sides[side].target,
    kind: side === 'ours' ? kind : FLOOR_KIND[kind],
    people,
    inFlight,
    forMs,
  });
  const warm = { name: 'warm up', kind: 'accepted', inFlight: 64 } as const;
  for (const side of ['ours', 'floor'] as const) await load.run(job(side, warm, WARM_UP_MS));

  const results = [];
  for (const scenario of scenarios) {
    const all: Record<Side, Round[]> = { ours: [], floor: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const side of ['ours', 'floor'] as const)
        all[side].push(await measured(load, job(side, scenario, seconds * 1000), sides[side].pids));
    const [mine, least] = [summary(all.ours), summary(all.floor)];
    const ratio = Number((mine.perSecond / least.perSecond).toFixed(2));
    results.push({ name: scenario.name, ours: mine, floor: least, ratio });
    if (!values.json)
      process.stdout.write(
        `${scenario.name}: ${ratio.toFixed(2)} of the floor\n${line('ours', mine)}\n${line('floor', least)}\n`,
      );
    else say(`${scenario.name}: ${ratio.toFixed(2)} of the floor`);
  }
  const machine = { node: process.version, cores: cpus().length, processor: cpus()[0]?.model };
  const settings = { people, seconds, rounds, sync: values.sync, replicas, withoutRedis: values['without-redis'] };
  if (values.json) process.stdout.write(`${JSON.stringify({ scenarios: results, settings, machine })}\n`);
} finally {
  for (const stop of stops.reverse()) await stop();
}
