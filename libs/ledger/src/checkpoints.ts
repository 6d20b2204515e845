import { CHECKPOINT_STREAM, CHECKPOINT_SUBJECT } from '@countersign/contracts';
import type { Bus } from '@countersign/bus';
import type { Log, Random } from '@countersign/runtime';
import {
  TlogError,
  openCheckpoint,
  verifierOf,
  type NoteVerifier,
  type TreeHead,
  type VerifierKey,
} from '@countersign/tlog';
import { Appender, type Appended } from './appender.js';
import { StreamReader } from './stream-reader.js';

/** A checkpoint that the audit key signed. */
export interface SignedCheckpoint extends TreeHead {
  /** the whole note */
  note: string;
  /** where it lies in the chain of checkpoints */
  sequence: number;
}

/** The chain of checkpoints: one of each size, since each is appended after the one that its writer has read and extends. */
export class Checkpoints {
  private readonly reader: StreamReader;
  private readonly appender: Appender;
  private readonly verifier: NoteVerifier;

  constructor({ bus, random, log }: { bus: Bus; random: Random; log: Log }, key: VerifierKey) {
    this.reader = new StreamReader(bus, CHECKPOINT_STREAM);
    this.appender = new Appender(bus, this.reader, random, log);
    this.verifier = verifierOf(key);
  }

  /** The last one. Undefined: there is none yet. Throws UNAVAILABLE, and TlogError for what the audit key did not sign. */
  async last(): Promise<SignedCheckpoint | undefined> {
    const message = await this.reader.last(CHECKPOINT_SUBJECT);
    return message && { ...this.open(noteIn(message.data)), sequence: message.sequence };
  }

  /** A note as the audit key signed it. Throws TlogError. */
  open(note: string): Omit<SignedCheckpoint, 'sequence'> {
    const { size, root } = openCheckpoint(note, this.verifier);
    return { size, root, note };
  }

  /** Resolves when the outcome is known. */
  append(note: string, after: number): Promise<Appended> {
    return this.appender.append(CHECKPOINT_SUBJECT, { checkpoint: note }, after);
  }
}

function noteIn(data: Uint8Array): string {
  try {
    const { checkpoint } = JSON.parse(Buffer.from(data).toString('utf8')) as { checkpoint?: unknown };
    if (typeof checkpoint === 'string') return checkpoint;
  } catch {
    // told below
  }
  throw new TlogError('note', 'the chain of checkpoints ends with something else');
}
