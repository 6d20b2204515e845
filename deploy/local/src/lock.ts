import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { birthOf } from './birth.js';
import { endLeftovers } from './children.js';
import type { StateFolder } from './folder.js';

/** Who holds a state folder: a process, and when it began. */
interface Holder {
  pid: number;
  birth: string;
}

/** Somebody else runs this platform. */
export class AlreadyUp extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`this platform runs already (process ${pid}, state in ${folder}); stop it, or choose another --state`);
  }
}

/**
 * Takes the folder for this process. A lock whose holder is gone is stale: what that holder left running is ended, then
 * the lock is taken. Throws AlreadyUp. Returns what gives the lock back.
 */
export function takeLock(folder: StateFolder): Promise<() => void> {
  return takeFile(
    folder.lock(),
    (pid) => new AlreadyUp(folder.path, pid),
    () => endLeftovers(folder),
  );
}

/**
 * Takes the lock at `path`. Throws what `held` says of its living holder; `beforeStale` runs before a stale one is taken.
 * Returns what gives it back.
 */
export async function takeFile(
  path: string,
  held: (pid: number) => Error,
  beforeStale: () => Promise<void> = () => Promise.resolve(),
): Promise<() => void> {
  const mine = JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) } satisfies Partial<Holder>);
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => removeIf(path, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = textOf(path);
    const holder = text === undefined ? undefined : holderIn(text);
    if (holder && birthOf(holder.pid) === holder.birth) throw held(holder.pid);
    if (text !== undefined) {
      await beforeStale();
      removeIf(path, text);
    }
  }
}

/** The process that runs this folder's platform; `stale`: there is a lock, and its holder is gone. */
export function holderOf(folder: StateFolder): number | 'stale' | undefined {
  const text = textOf(folder.lock());
  if (text === undefined) return undefined;
  const holder = holderIn(text);
  return holder && birthOf(holder.pid) === holder.birth ? holder.pid : 'stale';
}

/** Removes the lock only while it says what we read: moved aside first, so that nobody's newer lock is lost. */
export function removeIf(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (textOf(aside) === text) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A lock cut short by a crash has no holder. */
function holderIn(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
