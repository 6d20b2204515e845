import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { OpenedCheckpoint, VerifierKey } from '@countersign/tlog';
import { openPinned } from './open-pinned.js';

/** What was verified last, kept as the signed checkpoint itself: whoever finds it can check it. */
export class SeenFile {
  constructor(private readonly path: string) {}

  /** Undefined when there is no file yet. Throws for one that is not by this key: then nobody knows what was verified. */
  read(key: VerifierKey): OpenedCheckpoint | undefined {
    const note = this.note();
    if (note === undefined) return undefined;
    const pinned = openPinned(note, key);
    if (pinned.kind === 'opened') return pinned.checkpoint;
    throw new Error(`${this.path} does not say what was verified: ${pinned.finding.text}`);
  }

  write(note: string | Uint8Array): void {
    writeFileSync(`${this.path}.new`, note);
    renameSync(`${this.path}.new`, this.path);
  }

  /** Keeps a checkpoint beside what was verified that contradicts it: together they prove it. Gives its path. */
  keepEvidence(note: string | Uint8Array): string {
    const path = `${this.path}.contradiction`;
    writeFileSync(path, note);
    return path;
  }

  private note(): Uint8Array | undefined {
    try {
      return readFileSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
