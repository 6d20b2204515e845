import {
  Failure,
  type EntryReply,
  type LogEntry,
  type ProofReply,
  type ProofRequest,
  type Tenant,
} from '@countersign/contracts';
import type { Message, SignedCheckpoint } from '@countersign/ledger';
import {
  checkInclusion,
  leafHash,
  proveConsistency,
  proveInclusion,
  readTiles,
  sameHash,
  type Hash,
  type HashReader,
} from '@countersign/tlog';
import type { Alarms } from '../alarms/alarms.js';
import { Doubt } from '../alarms/doubt.js';
import { holdsEvents, objectIn } from '../events/event-view.js';
import type { TileStore } from '../tiles/tile-store.js';
import { entryOf } from './entry.js';

/** Leaves room for the envelope in a 64 KiB message. */
const MAX_REPLY_BYTES = 60 * 1024;
const LEAF_LEVEL = 0;

/** What the log proves, read out of its tiles and compared with what was signed. */
export class Proofs {
  constructor(
    private readonly ledger: { at(sequence: number): Promise<Message | undefined> },
    private readonly store: Pick<TileStore, 'read'>,
    private readonly alarms: Pick<Alarms, 'raise'>,
  ) {}

  /** Throws INVALID_ARGUMENT, NOT_FOUND for what the log does not reach, UNAVAILABLE. */
  async prove({ sequence, from, size }: ProofRequest, head: SignedCheckpoint): Promise<ProofReply> {
    const of = size ?? head.size;
    if (Math.max(of, sequence ?? from ?? 0) > head.size) throw beyond(head);
    const read = this.reader(head);
    if (sequence !== undefined && from === undefined) {
      if (sequence > of) throw beyond({ size: of });
      return replyOf(of, await proveInclusion(sequence - 1, of, read), head);
    }
    if (from !== undefined && sequence === undefined) {
      if (from > of) throw beyond({ size: of });
      return replyOf(of, await proveConsistency(from, of, read), head);
    }
    const problem = 'either sequence or from, and not both';
    const fields = ['sequence', 'from'].map((field) => ({ field, problem }));
    throw new Failure('INVALID_ARGUMENT', `sequence, from: ${problem}`, { fields });
  }

  /** Entries from `sequence` on; a tenant's own events whole, as far as they are what was signed. */
  async entries(tenant: Tenant, sequence: number, count: number, head: SignedCheckpoint): Promise<EntryReply> {
    if (sequence > head.size) throw beyond(head);
    const last = Math.min(head.size, sequence + count - 1);
    const sequences = Array.from({ length: last - sequence + 1 }, (_, at) => sequence + at);
    const leaves = await this.reader(head)(sequences.map((each) => ({ level: LEAF_LEVEL, index: each - 1 })));
    const messages = await Promise.all(sequences.map((each) => this.ledger.at(each)));
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const [at, message] of messages.entries()) {
      const entry = this.shown(tenant, sequence + at, message, leaves[at] as Hash);
      bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
      if (bytes > MAX_REPLY_BYTES && entries.length > 0) break;
      entries.push(entry);
    }
    return { entries };
  }

  /** One of the tenant's own events with its proof; undefined where it is not one. */
  async receipt(tenant: Tenant, sequence: number, head: SignedCheckpoint) {
    const { entries } = await this.entries(tenant, sequence, 1, head);
    const [{ entry } = { entry: undefined }] = entries;
    if (entry === undefined) return undefined;
    const proof = await proveInclusion(sequence - 1, head.size, this.reader(head));
    checkInclusion(leafHash(Buffer.from(entry, 'utf8')), sequence - 1, head, proof);
    return { sequence, entry, proof: proof.map(inBase64), checkpoint: head.note };
  }

  private shown(tenant: Tenant, sequence: number, message: Message | undefined, leaf: Hash): LogEntry {
    const hidden = { sequence, leaf: inBase64(leaf) };
    if (message === undefined) return hidden;
    const entry = entryOf(message);
    if (!sameHash(leafHash(entry), leaf)) {
      this.alarms.raise(
        new Doubt('SPLIT', sequence, "the ledger's message is not the one that was signed", message.subject),
      );
      throw new Failure('UNAVAILABLE', `the ledger's message ${sequence} is not the one that was signed`);
    }
    const text = entry.toString('utf8');
    const own = message.subject.split('.')[1] === tenant && holdsEvents(message.subject);
    const readable = objectIn(message.data) !== undefined && Buffer.from(text, 'utf8').equals(entry);
    return own && readable ? { ...hidden, entry: text } : hidden;
  }

  private reader(head: SignedCheckpoint): HashReader {
    return readTiles(head, async (tiles) => {
      const bytes = await this.store.read(tiles);
      return bytes.map((each) => {
        if (each !== undefined) return each;
        throw new Failure('UNAVAILABLE', 'a tile of the log is missing; it is made again at the next start');
      });
    });
  }
}

const inBase64 = (hash: Hash): string => Buffer.from(hash).toString('base64');

const replyOf = (size: number, proof: readonly Hash[], { note }: SignedCheckpoint): ProofReply => ({
  size,
  proof: proof.map(inBase64),
  checkpoint: note,
});

const beyond = ({ size }: { size: number }): Failure =>
  new Failure('NOT_FOUND', `the log has ${size} entries; what came after is in the next one`);
