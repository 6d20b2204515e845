/** Something that is broken now. */
export interface Fault extends AsyncDisposable {
  readonly name: string;
  /** Mends it, and waits until what was broken answers again. Once; a second time does nothing. */
  undo(): Promise<void>;
}

/** Mends what was broken. */
export type Mend = () => Promise<void>;
