import type { Platform, SupervisedProcess } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import type { Mend } from './fault.js';

const ANSWERS_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** kill -9, and left down. */
export async function kill(platform: Platform, processes: SupervisedProcess[]): Promise<Mend> {
  await Promise.all(processes.map((each) => each.stop('SIGKILL')));
  return async () => {
    await Promise.all(processes.map((each) => each.start()));
    await untilServed(platform);
  };
}

/** Stops taking part without closing a connection, as a machine that swaps or a cut network does (SIGSTOP). */
export async function hang(platform: Platform, processes: SupervisedProcess[]): Promise<Mend> {
  for (const each of processes) each.kill('SIGSTOP');
  return async () => {
    for (const each of processes) each.kill('SIGCONT');
    await untilServed(platform);
  };
}

/** Waits until every service that should be up answers on the bus: after NATS was gone they have to come back to it. */
export async function untilServed(platform: Platform): Promise<void> {
  const up = platform.processes.filter(({ name, state }) => /-\d+$/.test(name) && state === 'ready').length;
  for (const endMs = performance.now() + ANSWERS_WITHIN_MS; performance.now() < endMs; await sleep(LOOK_EVERY_MS)) {
    const living = await platform.livingServices().catch(() => []);
    if (living.length >= up) return;
  }
  throw new Error(`not every service answers ${ANSWERS_WITHIN_MS} ms after the fault was undone`);
}
