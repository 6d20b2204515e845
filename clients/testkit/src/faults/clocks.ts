import type { Platform, SupervisedProcess } from '@countersign/local';
import type { Mend } from './fault.js';
import { untilServed } from './processes.js';

const AHEAD_MS = 60_000; // 5 s from NATS' clock are tolerated

/** Starts it again with a clock a minute ahead: it notices by NATS' clock, and decides nothing. */
export async function clocksWrong(platform: Platform, processes: SupervisedProcess[]): Promise<Mend> {
  const before = processes.map(({ program }) => program.variables['CLOCK_OFFSET_MS'] ?? '0');
  const move = async (offsets: string[]): Promise<void> => {
    for (const [index, each] of processes.entries())
      each.program.variables['CLOCK_OFFSET_MS'] = offsets[index] as string;
    await Promise.all(processes.map((each) => each.restart()));
  };
  await move(processes.map(() => String(AHEAD_MS)));
  return async () => {
    await move(before);
    await untilServed(platform);
  };
}
