import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisedProcess } from '@countersign/local';
import { sleep } from '@countersign/runtime';

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** What a Node process needs in its environment so that SIGUSR2 makes it write its JS heap into `folder`. */
export const snapshotVariables = (folder: string): Record<string, string> => ({
  NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
});

/** Has a process write its heap, garbage collected; the file's path once it is whole. */
export async function heapSnapshot(process: SupervisedProcess, folder: string): Promise<string> {
  process.kill('SIGUSR2');
  for (let waitedMs = 0; waitedMs < WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const name = readdirSync(folder).find((each) => each.split('.').includes(String(process.pid)));
    if (name !== undefined && isWhole(join(folder, name))) return join(folder, name);
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`${process.name} wrote no heap snapshot within ${WITHIN_MS} ms`);
}

/** The table of strings comes last, and ends with the object. */
function isWhole(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const end = Buffer.alloc(16);
    const read = readSync(file, end, 0, end.length, Math.max(0, size - end.length));
    return /\]\s*\}\s*$/.test(end.toString('latin1', 0, read));
  } finally {
    closeSync(file);
  }
}
