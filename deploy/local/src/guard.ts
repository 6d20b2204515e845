import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { StateFolder } from './folder.js';
import { childVariables } from './child-variables.js';
import { programOf } from './root.js';

/** What becomes of a state folder when nobody runs it any more. */
export type Afterwards = 'keep' | 'remove';

/** Starts the guardian of this folder and waits until it watches. Returns what lets it go, after all is stopped. */
export async function startGuardian(folder: StateFolder, afterwards: Afterwards): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [programOf('deploy/local', 'guardian.js'), folder.path, afterwards], {
    detached: true, // Ctrl-C goes to everybody in the terminal's group: the guardian must outlive it
    stdio: ['pipe', 'pipe', 'ignore'],
    env: childVariables(),
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(died), once(child, 'error').then(died)]);
  child.stdout.destroy();
  child.unref();
  (child.stdin as Socket).unref();
  return async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.ref();
    child.stdin.end();
    await ended;
  };
}

function died(): never {
  throw new Error('the guardian, which ends processes when this one is killed, could not be started');
}
