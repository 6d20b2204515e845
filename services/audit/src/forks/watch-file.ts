import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { ForkAlarm } from '@countersign/contracts';
import { reasonOf, type Log } from '@countersign/runtime';

/** What the watch has to know after a restart. */
export interface Watched {
  /** every event up to this sequence was looked at */
  position: number;
  /** alarms raised for accounts that are not frozen yet */
  open: ForkAlarm[];
}

/** Keeps it in a small file, written by rename so that it is always whole. */
export class WatchFile {
  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  /** A file that is missing or unreadable means looking from the beginning: slower, never wrong. */
  read(): Watched {
    try {
      const value = JSON.parse(readFileSync(this.path, 'utf8')) as Watched;
      if (Number.isSafeInteger(value.position) && value.position >= 0 && Array.isArray(value.open)) return value;
      this.log.warn('the position file has another shape; looking from the beginning', { path: this.path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.log.warn('the position file cannot be read; looking from the beginning', { reason: reasonOf(error) });
    }
    return { position: 0, open: [] };
  }

  async write(watched: Watched): Promise<void> {
    const draft = `${this.path}.new`;
    try {
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(watched));
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (error) {
      this.log.error('the position file cannot be written', { path: this.path, reason: reasonOf(error) });
    }
  }
}
