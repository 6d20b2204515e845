import type { SupervisedProcess } from '@countersign/local';
import { reasonOf, sleep } from '@countersign/runtime';

const WITHIN_MS = 60_000;
const PAUSE_MS = 100;

/** Starts it until it stays up: while another fault is in force it may end again. */
export async function bringUp(process: SupervisedProcess): Promise<void> {
  for (const endMs = performance.now() + WITHIN_MS; ; await sleep(PAUSE_MS)) {
    try {
      return await process.start();
    } catch (error) {
      if (performance.now() > endMs) throw new Error(`${process.name} does not come back: ${reasonOf(error)}`);
    }
  }
}

/** Asks again and again until the answer is yes. Throws Error after 60 s. */
export async function untilTrue(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + WITHIN_MS; performance.now() < endMs; await sleep(PAUSE_MS)) {
    if (await ask().catch(() => false)) return;
  }
  throw new Error(`${what}: not within ${WITHIN_MS} ms`);
}
