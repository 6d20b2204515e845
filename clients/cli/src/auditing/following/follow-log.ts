import { reasonOf, sleep, type Clock } from '@countersign/runtime';
import { Contradicted } from './contradicted.js';
import type { Look, Right } from './follower.js';
import type { SeenFile } from '@countersign/audit-verifier';

export interface Following {
  look: () => Promise<Look>;
  seen: SeenFile;
  clock: Clock;
  everyMs: number;
  /** how long what may pass is looked at again before it counts, ms */
  patienceMs: number;
  /** ends after the first look that is not in doubt */
  once: boolean;
  tell: (look: Right) => void;
  /** for what may pass */
  note: (text: string) => void;
}

/** Follows until what is seen is wrong. Throws Contradicted; with `once`, too, what keeps the log from answering. */
export async function followLog({
  look,
  seen,
  clock,
  everyMs,
  patienceMs,
  once,
  tell,
  note,
}: Following): Promise<void> {
  for (let doubtSince: number | undefined; ; await sleep(everyMs)) {
    const saw = await look().catch((error: unknown) => {
      if (once) throw error;
      note(`not reachable: ${reasonOf(error)}`);
    });
    if (!saw) continue;
    if (!('finding' in saw)) {
      doubtSince = undefined;
      tell(saw);
      if (once) return;
      continue;
    }
    doubtSince ??= clock.now();
    if (saw.kind === 'wrong' || clock.now() - doubtSince >= patienceMs)
      throw new Contradicted(saw.finding, seen.keepEvidence(saw.note));
    note(`in doubt: ${saw.finding.text}`);
  }
}
