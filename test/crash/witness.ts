import { CHECKPOINT_SUBJECT, LEDGER_STREAM, CHECKPOINT_STREAM } from '@countersign/contracts';
import { StreamReader, type Message } from '@countersign/ledger';
import {
  GrowingTree,
  checkConsistency,
  leafHash,
  openCheckpoint,
  verifierOf,
  type Hash,
  type TreeHead,
  type VerifierKey,
} from '@countersign/tlog';
import type { Bus } from '@countersign/bus';

const TOGETHER = 64; // messages read at once
const ROUND_TRIP_MS = 2000;

/**
 * Compares all that is signed and shown with one tree, which it makes of the ledger for itself: two checkpoints of one
 * size, or two that contradict each other, cannot both be of it. Remembers what is wrong for people.
 */
export class Witness {
  readonly wrong: string[] = [];
  private readonly ledger: StreamReader;
  private readonly chain: StreamReader;
  private readonly tree = new GrowingTree();
  /** when each event was made, ms since 1970, by its sequence less 1; NaN where it says none */
  private readonly madeAt: number[] = [];
  /** base64 of the root by size */
  private readonly signed = new Map<number, string>();
  private chainAt = 0;
  private last: TreeHead = { size: 0, root: new GrowingTree().root() };

  constructor(
    bus: Bus,
    private readonly key: VerifierKey,
  ) {
    this.ledger = new StreamReader(bus, LEDGER_STREAM, ROUND_TRIP_MS);
    this.chain = new StreamReader(bus, CHECKPOINT_STREAM, ROUND_TRIP_MS);
  }

  /** The last checkpoint that was shown. */
  get head(): TreeHead {
    return this.last;
  }

  get checkpoints(): number {
    return this.signed.size;
  }

  /** Reads on in the chain of checkpoints, and in the ledger as far as the chain goes. Throws UNAVAILABLE. */
  async takeUp(): Promise<void> {
    for (let message; (message = await this.chain.next(this.chainAt + 1, CHECKPOINT_SUBJECT)) !== undefined;) {
      const { size, root } = this.open(noteIn(message));
      if (size <= this.tree.size) this.wrong.push(`the chain has ${size} entries after ${this.tree.size}`);
      await this.grow(size);
      if (size === this.tree.size && inBase64(this.tree.root()) !== inBase64(root))
        this.wrong.push(`the checkpoint of ${size} entries is not of the ledger`);
      this.signed.set(size, inBase64(root));
      this.chainAt = message.sequence;
    }
  }

  /** A checkpoint that somebody was shown: it has to be in the chain. After `takeUp`. */
  shown(note: string | Uint8Array): TreeHead {
    const head = this.open(note);
    if (this.signed.get(head.size) !== inBase64(head.root))
      this.wrong.push(`a checkpoint of ${head.size} entries was shown that is not in the chain`);
    return head;
  }

  /** That the log extends what was shown last, by the proof that audit gave. */
  extended(note: string, proof: readonly Hash[]): void {
    const head = this.shown(note);
    try {
      checkConsistency(this.last, head, proof);
    } catch (error) {
      this.wrong.push(`${this.last.size} entries do not lead to ${head.size}: ${(error as Error).message}`);
    }
    this.last = head;
  }

  /** What was answered has to be an entry of the log. */
  has({ sequence, at }: { sequence: number; at: number }): void {
    if (this.madeAt[sequence - 1] !== at) this.wrong.push(`the event ${sequence}, which was answered, is lost`);
  }

  private async grow(size: number): Promise<void> {
    while (this.tree.size < size) {
      const from = this.tree.size + 1;
      const some = Array.from({ length: Math.min(TOGETHER, size - this.tree.size) }, (_, at) => from + at);
      for (const message of await Promise.all(some.map((sequence) => this.ledger.at(sequence)))) {
        if (message === undefined) return void this.wrong.push(`the ledger lost ${this.tree.size + 1}`);
        this.tree.append(leafHash(Buffer.concat([Buffer.from(`${message.subject}\n`), message.data])));
        this.madeAt.push(jsonIn<{ at?: number }>(message).at ?? NaN);
      }
    }
  }

  private open(note: string | Uint8Array): TreeHead {
    return openCheckpoint(note, verifierOf(this.key));
  }
}

const jsonIn = <T>({ data }: Message): T => JSON.parse(Buffer.from(data).toString('utf8')) as T;
const noteIn = (message: Message): string => jsonIn<{ checkpoint: string }>(message).checkpoint;
const inBase64 = (hash: Hash): string => Buffer.from(hash).toString('base64');
