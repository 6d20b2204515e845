import type { SignedCheckpoint } from '@countersign/ledger';
import { reasonOf } from '@countersign/runtime';
import { TILE_WIDTH, leafHash, partialTiles, sameHash, type TreeHead } from '@countersign/tlog';
import { Doubt } from '../alarms/doubt.js';
import { entryOf } from './entry.js';
import { Growth } from './growth.js';
import { inOrder } from './in-order.js';
import type { LogKeeperParts } from './log-keeper.js';

type Parts = Pick<LogKeeperParts, 'ledger' | 'chain' | 'store' | 'log'>;

/**
 * The largest tree that the store holds whole, of what was signed: that of the chain's last checkpoint, or of the one that
 * the store itself was given last. Without either an empty one: then the whole ledger is read again. Throws UNAVAILABLE,
 * and Doubt where the ledger's last entries are not those of the tree.
 */
export async function resume(parts: Parts, last: SignedCheckpoint | undefined): Promise<Growth> {
  const { chain, store, log } = parts;
  const published = await store.published();
  const heads: TreeHead[] = last === undefined ? [] : [last];
  if (published !== undefined) heads.push(chain.open(published));
  for (const head of heads) {
    if (last !== undefined && head.size > last.size)
      throw new Doubt('ROLLBACK', last.size, `the chain ends at ${last.size} entries, and ${head.size} were published`);
    const growth = await standing(parts, head);
    if (growth === undefined) continue;
    log.info('the log goes on', { from: head.size });
    return growth;
  }
  log.info('the log is made from the beginning', { entries: last?.size ?? 0 });
  return Growth.empty(store.keepsEntries);
}

/** The tree of this head, if its partial tiles are there. */
async function standing({ ledger, store, log }: Parts, { size, root }: TreeHead): Promise<Growth | undefined> {
  const wanted = partialTiles(size);
  const bytes = await store.read(wanted);
  const partial = wanted.flatMap((tile, at) => {
    const found = bytes[at];
    return found === undefined ? [] : [{ tile, bytes: found }];
  });
  if (partial.length < wanted.length) return undefined;
  const entries: Uint8Array[] = [];
  const first = size - (size % TILE_WIDTH) + 1;
  for await (const message of inOrder(ledger, first, size)) entries.push(entryOf(message));
  try {
    const growth = Growth.from(size, partial, entries, store.keepsEntries);
    if (!sameHash(growth.root(), root)) throw new Error('it is of another tree');
    const [lowest] = partial;
    for (const [at, entry] of entries.entries())
      if (lowest === undefined || !sameHash(leafHash(entry), lowest.bytes.subarray(at * 32, (at + 1) * 32)))
        throw new Doubt('SPLIT', first + at, `the ledger's message is not the one that was signed`);
    return growth;
  } catch (error) {
    if (error instanceof Doubt) throw error;
    log.warn('the tiles that are kept are not used', { size, reason: reasonOf(error) });
    return undefined;
  }
}
