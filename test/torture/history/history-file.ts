import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Entry } from './entry.js';

export const HISTORY_FILE = 'history.jsonl';
const CHUNK_CHARACTERS = 65_536;

/** What the torturer itself saw, a line an entry. Written in large pieces: thousands a second are not felt. */
export class HistoryFile {
  private readonly file: WriteStream;
  private lines: string[] = [];
  private characters = 0;

  constructor(path: string) {
    this.file = createWriteStream(path);
  }

  write(entry: Entry): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.lines.push(line);
    this.characters += line.length;
    if (this.characters >= CHUNK_CHARACTERS) this.flush();
  }

  /** Rejects when the disk did not take it all. */
  async close(): Promise<void> {
    this.flush();
    this.file.end();
    await finished(this.file);
  }

  private flush(): void {
    this.file.write(this.lines.join(''));
    this.lines = [];
    this.characters = 0;
  }
}
