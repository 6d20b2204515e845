import { rmSync } from 'node:fs';
import { StateFolder } from './folder.js';
import type { Afterwards } from './guard.js';
import { endLeftovers } from './children.js';
import { removeIf, textOf } from './lock.js';

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
  void endLeftovers(folder).then(() => {
    if (afterwards === 'remove') rmSync(folder.path, { recursive: true, force: true, maxRetries: 20 });
    else if (lock !== undefined) removeIf(folder.lock(), lock);
    process.exit(0);
  });
});
process.stdout.write('watching\n');
