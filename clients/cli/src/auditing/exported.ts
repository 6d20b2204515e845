import type { Countersign } from '@countersign/caller';
import { RECEIPT_FORMAT, type Receipt } from '@countersign/audit-verifier';
import { MAX_PAGE, Failure, type EventsRequest } from '@countersign/contracts';
import { openCheckpoint, verifierOf, type TreeHead, type VerifierKey } from '@countersign/tlog';

const AT_ONCE = 16;
const WAIT_MS = 5000; // for a checkpoint: it comes within a second

/** Sequences of the events that are asked for, in order. */
export async function sequencesOf(countersign: Countersign, request: EventsRequest): Promise<number[]> {
  const sequences: number[] = [];
  for (let after = request.after; ;) {
    const page = await countersign.events({ ...request, ...(after !== undefined && { after }), limit: MAX_PAGE });
    for (const { sequence } of page.events) sequences.push(sequence);
    if (!page.more) return sequences;
    after = page.next;
  }
}

/** The checkpoint that all receipts of an export are of: one that holds its last event. Throws UNAVAILABLE when none comes. */
export async function checkpointOver(
  countersign: Countersign,
  last: number,
  key: VerifierKey,
): Promise<{ note: string; head: TreeHead }> {
  const { checkpoint: note } = await countersign.checkpoint({ after: Math.max(0, last - 1), waitMs: WAIT_MS });
  const head = openCheckpoint(note, verifierOf(key));
  if (head.size < last) throw new Failure('UNAVAILABLE', `no checkpoint holds sequence ${last} yet`);
  return { note, head };
}

/** The receipt of each event, in order; some are asked for at once. */
export async function* receipts(
  countersign: Countersign,
  sequences: readonly number[],
  { note, head }: { note: string; head: TreeHead },
): AsyncGenerator<Receipt, void> {
  const receipt = async (sequence: number): Promise<Receipt> => {
    const [{ proof }, { entries }] = await Promise.all([
      countersign.proof({ sequence, size: head.size }),
      countersign.entries({ sequence }),
    ]);
    const [found] = entries;
    if (found?.entry === undefined || found.sequence !== sequence)
      throw new Failure('UNAVAILABLE', `audit does not show sequence ${sequence}`);
    return { format: RECEIPT_FORMAT, sequence, entry: found.entry, proof, checkpoint: note };
  };
  for (let at = 0; at < sequences.length; at += AT_ONCE)
    yield* await Promise.all(sequences.slice(at, at + AT_ONCE).map(receipt));
}
