import type { Token, TokenLine } from '@countersign/token-files';
import type { Importer, Outcome, Wanted } from './importer.js';

const BATCH = 64; // as many as the platform takes in one message
const AT_ONCE = 4; // batches under way: one is wrapped, one is in the HSM, two are being written

/**
 * Imports the tokens of a file as they are read; refused lines are passed over. `told` hears of each token, in the order
 * in which batches end. Throws what reading throws, or the first batch; those under way are waited for.
 */
export async function importAll(
  lines: AsyncIterable<TokenLine>,
  wanted: (token: Token) => Wanted,
  importer: Importer,
  told: (wanted: Wanted, outcome: Outcome) => void,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let stopped: { error: unknown } | undefined;
  const begin = (batch: Wanted[]): void => {
    const work = importer
      .import(batch)
      .then((outcomes) => outcomes.forEach((outcome, at) => told(batch[at] as Wanted, outcome)))
      .catch((error: unknown) => void (stopped ??= { error }))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  let batch: Wanted[] = [];
  try {
    for await (const line of lines) {
      if (line.kind === 'refused') continue;
      batch.push(wanted(line));
      if (batch.length < BATCH) continue;
      begin(batch);
      batch = [];
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      if (stopped) break;
    }
    if (batch.length > 0 && !stopped) begin(batch);
  } finally {
    await Promise.all(underWay);
    for (const { token } of batch) token.seed[Symbol.dispose]();
  }
  if (stopped) throw stopped.error;
}
