import { sleep } from '@countersign/runtime';
import type { Life } from './program.js';

const LOOK_EVERY_MS = 25;

/** Asks again and again until the answer is yes. Throws Error when the process ends first. */
export async function untilYes(life: Life, ask: () => Promise<boolean> | boolean): Promise<void> {
  while (life.living()) {
    if (await ask()) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('it ended');
}
