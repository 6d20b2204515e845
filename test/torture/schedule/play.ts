import { reasonOf, type Clock } from '@countersign/runtime';
import type { HsmFaults } from '../../hsm/hsm-faults.js';
import { faultOf, type Broken } from '../faults/table.js';
import type { Entry } from '../history/entry.js';
import type { Tally } from '../report/tally.js';
import type { TortureWorld } from '../world/world.js';
import type { Step } from './plan.js';
import type { Ending } from './ending.js';

const WARM_UP_MS = 2000;
const LONGEST_ELECTION_MS = 20_000;
const LOOK_EVERY_MS = 50;

export interface PlayParts {
  world: TortureWorld;
  hsm: HsmFaults;
  history: { write(entry: Entry): void };
  tally: Tally;
  clock: Clock;
}

/** Breaks and mends what the schedule says, until the end comes; then all is whole. */
export async function play(
  steps: Iterable<Step>,
  ending: Ending,
  { world, hsm, history, tally, clock }: PlayParts,
): Promise<void> {
  let begun = 0;
  await ending.within(WARM_UP_MS);
  for (const { faults, lastsMs, pauseMs } of steps) {
    if (ending.came) break;
    const broken: (Broken & { fault: number })[] = [];
    for (const { kind, chance } of faults) {
      const fault = (begun += 1);
      const at = clock.now();
      try {
        const done = await faultOf(kind).break(world, chance, hsm);
        history.write({ kind: 'fault-began', at, fault, name: kind, target: done.target });
        broken.push({ ...done, fault });
        tally.began(kind);
        tally.inForce.push(`${kind} (${done.target})`);
      } catch (error) {
        tally.failed(kind, reasonOf(error));
      }
    }
    await ending.within(lastsMs);
    const elects = broken.some((each) => each.elects);
    for (const { fault } of broken) history.write({ kind: 'fault-ended', at: clock.now(), fault, elects });
    await Promise.all(broken.map(({ mend }) => mend()));
    tally.inForce = [];
    await answering(tally, ending);
    await ending.within(pauseMs);
  }
  await world.heal();
}

/** Waits until there are verdicts again, so that the next fault does not hide how long this one took to be over. */
async function answering(tally: Tally, ending: Ending): Promise<void> {
  const [before, endMs] = [tally.verdicts, performance.now() + LONGEST_ELECTION_MS];
  while (tally.verdicts === before && performance.now() < endMs && !ending.came) await ending.within(LOOK_EVERY_MS);
}
