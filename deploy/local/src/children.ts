import { sleep } from '@countersign/runtime';
import { rmSync } from 'node:fs';
import { birthOf } from './birth.js';
import type { StateFolder } from './folder.js';
import { readJson, writePrivate } from './private-files.js';

/** A process that was started for a state folder. */
export interface ChildRecord {
  name: string;
  pid: number;
  birth: string;
}

const GRACE_MS = 10_000; // as the supervisor gives
const LOOK_EVERY_MS = 50;

/** Keeps children.json true: who would have to be ended if this process were killed now. In the order of starting. */
export class ChildRegister {
  private records: ChildRecord[] = [];

  constructor(private readonly folder: StateFolder) {}

  add(name: string, pid: number): void {
    const birth = birthOf(pid);
    if (birth === undefined) return; // gone before it could be written down
    this.records.push({ name, pid, birth });
    this.write();
  }

  remove(pid: number): void {
    this.records = this.records.filter((record) => record.pid !== pid);
    this.write();
  }

  private write(): void {
    writePrivate(this.folder.children(), JSON.stringify(this.records));
  }
}

/** The processes that run now for this folder. */
export const livingChildren = (folder: StateFolder): ChildRecord[] =>
  (readJson<ChildRecord[]>(folder.children()) ?? []).filter(({ pid, birth }) => birthOf(pid) === birth);

/** Ends what a supervisor that is gone left running: the last started first, SIGTERM, after 10 s SIGKILL. */
export async function endLeftovers(folder: StateFolder): Promise<void> {
  const records = (readJson<ChildRecord[]>(folder.children()) ?? []).reverse();
  const living = (): ChildRecord[] => records.filter(({ pid, birth }) => birthOf(pid) === birth);
  signal(living(), 'SIGTERM');
  signal(living(), 'SIGCONT'); // a paused process takes its SIGTERM only when it goes on
  for (const endMs = performance.now() + GRACE_MS; living().length > 0 && performance.now() < endMs;)
    await sleep(LOOK_EVERY_MS);
  signal(living(), 'SIGKILL');
  rmSync(folder.children(), { force: true });
}

function signal(records: ChildRecord[], name: NodeJS.Signals): void {
  for (const { pid } of records) {
    try {
      process.kill(pid, name);
    } catch {
      // ended by itself meanwhile
    }
  }
}
