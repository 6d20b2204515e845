import { rmSync } from 'node:fs';
import { sleep } from '@countersign/runtime';
import { StateFolder } from './folder.js';
import type { Afterwards } from './guard.js';
import { endLeftovers } from './children.js';
import { removeIf, textOf } from './lock.js';

const REMOVE_TRIES = 200;
const REMOVE_PAUSE_MS = 100; // 20 s in all

/**
 * A program of its own beside each running platform. It waits for the end of its standard input, which only the
 * supervisor holds: when that process ends in any way, kill -9 too, the kernel closes the pipe, and whatever the
 * supervisor could not stop is stopped here. Then the lock goes, or the whole folder where it is a temporary one.
 */
const folder = new StateFolder(process.argv[2]);
const afterwards = process.argv[3] as Afterwards;
const lock = textOf(folder.lock());
process.stdin.resume();
process.stdin.once('end', () => {
  void endLeftovers(folder)
    .then(() => {
      if (afterwards === 'keep' && lock !== undefined) removeIf(folder.lock(), lock);
      return afterwards === 'remove' ? removeWhole(folder.path) : undefined;
    })
    .finally(() => process.exit(0));
});
process.stdout.write('watching\n');

/** A set-up program that outlives its supervisor for a moment may still write: what it adds goes at the next try. */
async function removeWhole(path: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries += 1) {
    try {
      return rmSync(path, { recursive: true, force: true });
    } catch {
      await sleep(REMOVE_PAUSE_MS);
    }
  }
}
