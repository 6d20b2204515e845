import type { Checkpoints, Message, SignedCheckpoint } from '@countersign/ledger';
import { reasonOf, sleep, type Log } from '@countersign/runtime';
import { TlogError, sameHash, type TreeHead } from '@countersign/tlog';
import type { Alarms } from '../alarms/alarms.js';
import { Doubt } from '../alarms/doubt.js';
import type { Tail } from '../tail/tail.js';
import { HELD_UP, LEDGER_SEQUENCE, SIGNED_ENTRIES } from '../audit-metrics.js';
import type { TileStore } from '../tiles/tile-store.js';
import { entryOf } from './entry.js';
import type { Growth } from './growth.js';
import { inOrder } from './in-order.js';
import { resume } from './resume.js';

export interface LogKeeperParts {
  ledger: {
    assertUsable(): void;
    at(sequence: number): Promise<Message | undefined>;
    lastSequence(): Promise<number>;
  };
  tail: Pick<Tail, 'grownBeyond'>;
  chain: Pick<Checkpoints, 'last' | 'append' | 'open'>;
  store: TileStore;
  /** the key service's signature over a tree head: a note */
  sign: (head: TreeHead) => Promise<string>;
  alarms: Pick<Alarms, 'raise' | 'settled'>;
  log: Log;
}

const PACE_MS = 200; // between checkpoints: what comes in between shares one, and every event has its own within a second
const IDLE_MS = 5000; // after it the chain is looked at, though the ledger did not grow
const RETRY_MS = 500;
const MOST_AT_ONCE = 16_384; // entries under one checkpoint, while an old ledger is taken in
const STOP_WITHIN_MS = 3000;

/**
 * Makes the log of the ledger, and signs what it has become. Any number of replicas do this at once: a checkpoint is
 * appended after the last one, which its writer has read and found to be of this very tree; who comes second reads on. So
 * there are no two trees of one size, and none that does not extend what was signed before.
 */
export class LogKeeper {
  private growth: Growth | undefined;
  private head: SignedCheckpoint | undefined;
  private waiters: { size: number; end: () => void }[] = [];
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LogKeeperParts) {}

  start(): void {
    this.running = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.race([this.running, sleep(STOP_WITHIN_MS)]);
  }

  /** The last checkpoint that this replica knows to be of the ledger; its tiles are in the store. */
  get current(): SignedCheckpoint | undefined {
    return this.head;
  }

  /** `current` once it is of `size` entries or more; as it is after `waitMs`, or once `stopping` is aborted. */
  async atLeast(size: number, waitMs: number, stopping?: AbortSignal): Promise<SignedCheckpoint | undefined> {
    if (waitMs <= 0 || stopping?.aborted || (this.head?.size ?? 0) >= size) return this.head;
    await new Promise<void>((done) => {
      const end = (): void => {
        clearTimeout(timer);
        stopping?.removeEventListener('abort', end);
        this.waiters = this.waiters.filter((each) => each.end !== end);
        done();
      };
      const timer = setTimeout(end, waitMs);
      stopping?.addEventListener('abort', end);
      this.waiters.push({ size, end });
    });
    return this.head;
  }

  private async follow(): Promise<void> {
    while (!this.stopping) {
      const pauseMs = await this.turn();
      if (this.stopping) return;
      await sleep(pauseMs);
      if (pauseMs === PACE_MS) await this.parts.tail.grownBeyond(this.head?.size ?? 0, IDLE_MS);
    }
  }

  private async turn(): Promise<number> {
    try {
      await this.step();
      this.parts.alarms.settled();
      return PACE_MS;
    } catch (error) {
      HELD_UP.inc();
      const doubt = doubtIn(error);
      if (doubt !== undefined) this.parts.alarms.raise(doubt);
      this.parts.log.warn('the log is held up', { reason: reasonOf(error), entries: this.head?.size ?? 0 });
      return RETRY_MS;
    }
  }

  /** Takes up what others signed; then signs what came since, if anything did. */
  async step(): Promise<void> {
    const { ledger, chain, sign } = this.parts;
    ledger.assertUsable();
    const last = await chain.last();
    const end = await ledger.lastSequence(); // after it: what was signed is there
    LEDGER_SEQUENCE.set(end);
    if (last !== undefined && end < last.size)
      throw new Doubt('ROLLBACK', last.size, `the ledger ends at ${end}, and ${last.size} entries are signed`);
    const from = await this.upTo(last);
    if (end === from.size) return;
    const grown = await this.grow(from, Math.min(end, from.size + MOST_AT_ONCE));
    const head = { size: grown.size, root: grown.root() };
    const checkpoint = chain.open(await sign(head));
    if (!same(checkpoint, head))
      throw new Doubt('SPLIT', head.size, 'the key service signed another tree than was asked');
    const appended = await chain.append(checkpoint.note, last?.sequence ?? 0);
    if (appended.kind === 'stored') await this.become(grown, { ...checkpoint, sequence: appended.sequence });
  }

  /** The tree that the last checkpoint is of, made of the ledger's own messages. Throws Doubt when it is another. */
  private async upTo(last: SignedCheckpoint | undefined): Promise<Growth> {
    const known = this.head;
    this.growth ??= await resume(this.parts, last);
    if (last === undefined) {
      if (known !== undefined) throw new Doubt('ROLLBACK', known.size, 'the chain of checkpoints is gone');
      return this.growth;
    }
    if (last.sequence === known?.sequence && same(last, known)) return this.growth;
    if (last.size < this.growth.size)
      throw new Doubt('ROLLBACK', last.size, `the chain ends at ${last.size} entries, and had ${this.growth.size}`);
    const grown = await this.grow(this.growth, last.size);
    if (!same({ size: grown.size, root: grown.root() }, last))
      throw new Doubt('SPLIT', last.size, `the ledger makes another tree of ${last.size} entries than was signed`);
    await this.become(grown, last);
    return grown;
  }

  /** Reads on and stores the tiles. What grew is a copy. */
  private async grow(from: Growth, to: number): Promise<Growth> {
    const { ledger, store } = this.parts;
    const growth = from.copy();
    for await (const message of inOrder(ledger, growth.size + 1, to)) {
      growth.append(entryOf(message));
      if (growth.size % MOST_AT_ONCE === 0) await keep(store, growth.takeFull());
      if (this.stopping) throw new Error('the service stops');
    }
    await keep(store, growth.takeFull());
    await keep(store, growth.partial());
    return growth;
  }

  private async become(growth: Growth, head: SignedCheckpoint): Promise<void> {
    await this.parts.store.publish(head.note);
    this.growth = growth;
    this.head = head;
    SIGNED_ENTRIES.set(head.size);
    for (const { size, end } of [...this.waiters]) if (size <= head.size) end();
  }
}

const keep = (store: TileStore, { tiles, bundles }: ReturnType<Growth['partial']>): Promise<void> =>
  store.write(tiles, bundles);

const same = (one: TreeHead, other: TreeHead): boolean => one.size === other.size && sameHash(one.root, other.root);

/** What the audit key did not sign is no checkpoint, wherever it lies. */
function doubtIn(error: unknown): Doubt | undefined {
  if (error instanceof Doubt) return error;
  return error instanceof TlogError ? new Doubt('SPLIT', 0, error.message) : undefined;
}
