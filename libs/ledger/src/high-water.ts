import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { reasonOf, type Log } from '@countersign/runtime';

const SAVE_EVERY_MS = 1000;

interface Mark {
  /** when the stream was made: its identity */
  created: string;
  sequence: number;
}

/**
 * The highest sequence this service ever saw, kept in a small file, so that a ledger that went back is noticed (P4).
 * Written at most once a second and at the end, by rename, so that the file is always whole.
 */
export class HighWater {
  private mark: Mark | undefined;
  private saved = 0;
  private readonly timer: NodeJS.Timeout;
  private saving = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {
    this.mark = read(path);
    this.saved = this.mark?.sequence ?? 0;
    this.timer = setInterval(() => void this.save(), SAVE_EVERY_MS);
    this.timer.unref();
  }

  get sequence(): number {
    return this.mark?.sequence ?? 0;
  }

  /** Whether a stream with this identity, ending there, still holds everything up to `seen`. */
  holds(created: string, lastSequence: number, seen: number): boolean {
    return this.mark === undefined || (this.mark.created === created && lastSequence >= seen);
  }

  /** Takes a sequence that was seen; `created` once the stream is known. */
  saw(sequence: number, created?: string): void {
    if (this.mark === undefined) {
      if (created !== undefined) this.mark = { created, sequence };
    } else if (sequence > this.mark.sequence) this.mark.sequence = sequence;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.save();
  }

  private save(): Promise<void> {
    const { mark } = this;
    if (mark === undefined || mark.sequence === this.saved) return this.saving;
    const { sequence } = mark; // it may rise while this is being written
    const text = JSON.stringify(mark);
    this.saving = this.saving
      .then(() => writeWhole(this.path, text))
      .then(
        () => {
          this.saved = sequence;
        },
        (error: unknown) => this.log.error('the high-water file cannot be written', { reason: reasonOf(error) }),
      );
    return this.saving;
  }
}

/** A missing file is a first start; any other trouble ends the start, since the promise would be empty. */
function read(path: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const mark = parse(text);
  if (typeof mark?.created !== 'string' || !Number.isSafeInteger(mark.sequence))
    throw new Error(`${path} is not a high-water file: {"created", "sequence"}`);
  return mark;
}

function parse(text: string): Mark | undefined {
  try {
    return JSON.parse(text) as Mark;
  } catch {
    return undefined;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
