import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { TakenNote, parseMessage } from '@countersign/contracts';
import { reasonOf, type Log } from '@countersign/runtime';
import type { Recent } from './recent.js';

const OWNER_ONLY = { mode: 0o600 };
const SPARE_LINES = 1000; // lines of past hours that may lie in the file before it is written anew

/**
 * What was taken lately, a line each, so that limits survive a restart. Losing the file costs an hour's count and nothing
 * else, so what goes wrong with it is logged and stops nobody.
 */
export class RecentFile {
  private lines = 0;

  constructor(
    private readonly path: string,
    private readonly recent: Recent,
    private readonly log: Log,
  ) {}

  /** Puts what the file has of the last hour into `recent`. */
  load(): void {
    this.orSaid('read', () => {
      if (!existsSync(this.path)) return;
      for (const line of readFileSync(this.path, 'utf8').split('\n')) {
        const taken = takenIn(line);
        if (taken) this.recent.add(taken);
      }
    });
    this.orSaid('written', () => this.writeAnew());
  }

  /** Counts it, unless it was counted before. */
  add(taken: TakenNote): void {
    if (!this.recent.add(taken)) return;
    this.orSaid('written', () => {
      appendFileSync(this.path, `${JSON.stringify(taken)}\n`, OWNER_ONLY);
      this.lines += 1;
      if (this.lines > 2 * this.recent.all().length + SPARE_LINES) this.writeAnew();
    });
  }

  private writeAnew(): void {
    const all = this.recent.all();
    const draft = `${this.path}.new`;
    writeFileSync(draft, all.map((taken) => `${JSON.stringify(taken)}\n`).join(''), OWNER_ONLY);
    renameSync(draft, this.path);
    this.lines = all.length;
  }

  private orSaid(what: 'read' | 'written', work: () => void): void {
    try {
      work();
    } catch (error) {
      this.log.error(`the file of what was sent lately cannot be ${what}`, { reason: reasonOf(error) });
    }
  }
}

/** A crash can leave half a line. */
function takenIn(line: string): TakenNote | undefined {
  try {
    return parseMessage(TakenNote, JSON.parse(line));
  } catch {
    return undefined;
  }
}
