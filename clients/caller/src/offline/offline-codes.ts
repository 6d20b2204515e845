import { timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock, type Clock } from '@countersign/runtime';
import { hashOf, readCodesFile, type CodesFile } from './codes-file.js';

export type OfflineVerdict =
  /** `place`: which code of the sheet, from 0 */
  { verdict: 'accepted'; place: number } | { verdict: 'rejected'; reason: 'wrong_code' | 'replayed' | 'expired' };

export interface OfflineOptions {
  /** the file of hashes */
  codesFile: string;
  /** a folder of this sheet's own, made when it is not there: an empty file in it for each code that is spent */
  usedFolder: string;
  clock?: Clock;
}

/** Checks the codes of one sheet without asking anybody. */
export class OfflineCodes {
  private constructor(
    private readonly file: CodesFile,
    private readonly usedFolder: string,
    private readonly clock: Clock,
  ) {}

  /** Throws Error when the file is none, or the folder cannot be made. */
  static open({ codesFile, usedFolder, clock = new SystemClock() }: OfflineOptions): OfflineCodes {
    const file = readCodesFile(readFileSync(codesFile, 'utf8'));
    mkdirSync(usedFolder, { recursive: true, mode: 0o700 });
    return new OfflineCodes(file, usedFolder, clock);
  }

  /**
   * The code is spent, on the disk, before this says accepted: neither a crash nor another process that has the same folder
   * lets it pass twice. Throws Error when that cannot be written.
   */
  async verify(code: string): Promise<OfflineVerdict> {
    if (this.clock.now() >= this.file.expiresAt) return { verdict: 'rejected', reason: 'expired' };
    const place = this.placeOf(await hashOf(code, this.file.argon2id));
    if (place === undefined) return { verdict: 'rejected', reason: 'wrong_code' };
    return this.spend(place) ? { verdict: 'accepted', place } : { verdict: 'rejected', reason: 'replayed' };
  }

  private placeOf(hash: Buffer): number | undefined {
    let found: number | undefined;
    this.file.hashes.forEach((each, place) => {
      if (timingSafeEqual(Buffer.from(each, 'base64url'), hash)) found = place;
    });
    return found;
  }

  /** Only one can make a file: whoever does has spent the code. */
  private spend(place: number): boolean {
    let mark: number;
    try {
      mark = openSync(join(this.usedFolder, `${place}`), 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
    closeSync(mark);
    const folder = openSync(this.usedFolder, 'r');
    fsyncSync(folder); // a power cut now must not take the mark back
    closeSync(folder);
    return true;
  }
}
