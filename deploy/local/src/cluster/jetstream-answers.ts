import { sleep } from '@countersign/runtime';
import type { StateFolder } from '../folder.js';
import { connectAs } from '../nats.js';

const WITHIN_MS = 20_000;
const ASK_EVERY_MS = 100;

/** Waits until the servers have agreed who leads: before that no stream can be made. Throws Error when they do not. */
export async function jetStreamAnswers(folder: StateFolder, servers: string[]): Promise<void> {
  const setup = await connectAs(folder, servers, 'setup', WITHIN_MS);
  try {
    for (const endMs = performance.now() + WITHIN_MS; performance.now() < endMs; await sleep(ASK_EVERY_MS)) {
      const info = await setup
        .request<{ error?: unknown }>('$JS.API.INFO', {}, { timeoutMs: 500 })
        .catch(() => undefined);
      if (info && info.error === undefined) return;
    }
  } finally {
    await setup.close();
  }
  throw new Error(`NATS at ${servers.join(', ')} has no JetStream leader after ${WITHIN_MS} ms`);
}
