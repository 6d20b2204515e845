import type { Hash, TreeHead } from '@countersign/tlog';

/** A log as somebody shows it, who is not believed. */
export interface LogView {
  /** The last checkpoint, as a note; where it can wait, until there is one of more than `after` entries. */
  checkpoint(after: number): Promise<string | Uint8Array>;
  /** The proof that the newer tree begins with the older one. Throws where there is none to be had. */
  consistency(older: TreeHead, newer: TreeHead): Promise<readonly Hash[]>;
}
