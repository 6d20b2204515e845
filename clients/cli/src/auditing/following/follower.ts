import { openPinned, type Finding, type SeenFile } from '@countersign/audit-verifier';
import { reasonOf, type Clock } from '@countersign/runtime';
import { TlogError, checkConsistency, cosignatureSigner, parseNote, signNote } from '@countersign/tlog';
import type { Cosigner, TreeHead, VerifierKey } from '@countersign/tlog';
import type { LogView } from './log-view.js';

/** What was seen before, or more that begins with it. */
export type Right = { kind: 'same'; size: number } | { kind: 'grown'; size: number; from: number };

/** doubt: what one replica or a cache can show for a moment. wrong: what no right log ever shows. */
export interface Suspect {
  kind: 'doubt' | 'wrong';
  finding: Finding;
}

export type Look = Right | (Suspect & { note: string | Uint8Array });

export interface FollowerParts {
  view: LogView;
  key: VerifierKey;
  seen: SeenFile;
  clock: Clock;
  /** signs, as a witness, what was seen to extend what it saw before; nobody does where it is left out */
  cosigner?: Cosigner;
}

/** Looks at a log again and again, and remembers the last checkpoint that was right. */
export class Follower {
  constructor(private readonly parts: FollowerParts) {}

  /** Throws when the log does not answer, or the file of what was seen cannot be read or written. */
  async look(): Promise<Look> {
    const { view, key, seen } = this.parts;
    const before = seen.read(key);
    const note = await view.checkpoint(before?.size ?? 0);
    const pinned = openPinned(note, key);
    if (pinned.kind === 'refused') return { kind: 'wrong', finding: pinned.finding, note };
    const head = pinned.checkpoint;
    const problem = before && (await this.contradiction(before, head));
    if (problem) return { ...problem, note };
    if (before?.size === head.size) return { kind: 'same', size: head.size };
    seen.write(await this.cosigned(note));
    return { kind: 'grown', size: head.size, from: before?.size ?? 0 };
  }

  /** What speaks against both heads being of one log that only grew. */
  private async contradiction(before: TreeHead, head: TreeHead): Promise<Suspect | undefined> {
    const [older, newer] = before.size <= head.size ? [before, head] : [head, before];
    try {
      checkConsistency(older, newer, older.size === newer.size ? [] : await this.parts.view.consistency(older, newer));
    } catch (error) {
      const isFork = error instanceof TlogError && FORKS.includes(error.kind);
      return { kind: isFork ? 'wrong' : 'doubt', finding: { kind: 'forked', text: forkText(before, head, error) } };
    }
    if (head.size >= before.size) return undefined;
    const text = `the log has ${head.size} entries, and had ${before.size} before`;
    return { kind: 'doubt', finding: { kind: 'old-checkpoint', text } };
  }

  private async cosigned(note: string | Uint8Array): Promise<string | Uint8Array> {
    const { cosigner, clock } = this.parts;
    if (cosigner === undefined) return note;
    return signNote(parseNote(note), [cosignatureSigner(cosigner, Math.floor(clock.now() / 1000))]);
  }
}

const FORKS: string[] = ['not-an-extension', 'split-view'];

const forkText = (before: TreeHead, head: TreeHead, error: unknown): string =>
  `the log of ${head.size} entries does not prove to be the one of ${before.size} that was seen: ${reasonOf(error)}`;
