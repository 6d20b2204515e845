import { join } from 'node:path';
import { DEV_TENANTS } from '@countersign/local';
import type { Clock } from '@countersign/runtime';
import { HsmFaults } from '../hsm/hsm-faults.js';
import { mutant } from '../world/mutants/mutants.js';
import { Chance } from './chance/chance.js';
import { check } from './checker/check.js';
import type { Result } from './checker/result.js';
import type { FaultKind } from './faults/table.js';
import { HISTORY_FILE, HistoryFile } from './history/history-file.js';
import { readHistory } from './history/read-history.js';
import { readLedger } from './history/read-ledger.js';
import type { Stage } from './load/actor.js';
import { Asker } from './load/asker.js';
import { Callers } from './load/callers.js';
import { firstPeople } from './load/first-people.js';
import { load } from './load/load.js';
import { Permits } from './load/permits.js';
import { probeEverybody } from './load/probe.js';
import type { Options } from './options.js';
import { joinVariables, recorder } from './recorder/recorder.js';
import { keepRun } from './report/kept.js';
import { showProgress } from './report/progress.js';
import type { Tally } from './report/tally.js';
import type { Ending } from './schedule/ending.js';
import { plan } from './schedule/plan.js';
import { play } from './schedule/play.js';
import { TortureWorld } from './world/world.js';

const PEOPLE = { least: 200, each: 4 }; // for each question under way: an account takes one attempt at a time
const MINUTE_MS = 60_000;
/** Two verifiers each: a requestId is its caller's. */
const TENANTS = DEV_TENANTS.map((tenant) => ({ ...tenant, callers: { ...tenant.callers, web: 'verifier' as const } }));

export interface RunParts {
  /** what the world can do of what was asked for */
  faults: readonly FaultKind[];
  network: boolean;
  /** for the history */
  folder: string;
  tally: Tally;
  ending: Ending;
  clock: Clock;
  say(line: string): void;
}

/** Starts a platform, tortures it, and decides what was broken. Throws what makes a run void. */
export async function run(options: Options, parts: RunParts): Promise<Result> {
  const { network, folder, say } = parts;
  using hsm = new HsmFaults();
  const variables = {
    'key-derivation': joinVariables(recorder(folder), hsm.variables),
    ...(options.mutant !== undefined && { verification: mutant(options.mutant) }),
  };
  say(`starting a ${options.world} world`);
  const world = await TortureWorld.start({ kind: options.world, network, variables, tenants: TENANTS });
  try {
    const history = new HistoryFile(join(folder, HISTORY_FILE));
    await torture({ world, hsm, history }, options, parts);
    await history.close();
    say('reading the ledger, and checking');
    const ledger = (await world.torturer()).connection;
    const result = await check({ ledger: readLedger(ledger), history: readHistory(folder) });
    if (options.keep !== undefined || result.violations > 0) await keepRun(world, folder, result.found);
    return result;
  } finally {
    await world.stop();
  }
}

interface Tortured {
  world: TortureWorld;
  hsm: HsmFaults;
  history: HistoryFile;
}

async function torture({ world, hsm, history }: Tortured, options: Options, parts: RunParts): Promise<void> {
  const { faults, tally, ending, clock, say } = parts;
  const { concurrency, copies, seed } = options;
  const chance = new Chance(seed);
  const callers = await Callers.connect(world);
  try {
    const count = Math.max(PEOPLE.least, PEOPLE.each * concurrency);
    say(`making ${count} accounts`);
    const identityKey = world.publicKeys.identity;
    const first = { callers, identityKey, chance: chance.apart('people'), history, clock };
    const people = await firstPeople(count, first);
    const asker = new Asker(history, new Permits(concurrency), tally, clock);
    const stage: Stage = {
      ...{ asker, callers, people, history, ending, clock, copies, identityKey },
      shown: () => {
        tally.codes += 1;
        if (tally.codes === options.codes) ending.now();
      },
      suspect: (what) => {
        tally.suspicions.push(what);
        if (options.untilViolation) ending.now();
      },
    };
    const stopProgress = showProgress(tally, say);
    try {
      if (options.minutes !== undefined) ending.after(options.minutes * MINUTE_MS);
      await Promise.all([
        load(stage, concurrency, chance.apart('load')),
        play(plan(faults, chance.apart('faults')), ending, { world, hsm, history, tally, clock }).catch(
          (error: unknown) => {
            ending.now();
            throw error;
          },
        ),
      ]);
      if (options.untilViolation && tally.suspicions.length > 0) return;
      if (options.mutant !== undefined) return; // a wrong build may never be whole again; its history tells
      say(`all is whole again: asking about each of ${people.everybody().length} accounts`);
      await probeEverybody(stage, concurrency, chance.apart('probes'));
    } finally {
      stopProgress();
    }
  } finally {
    await callers.close();
  }
}
