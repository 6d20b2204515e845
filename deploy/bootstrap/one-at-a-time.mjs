// Two set-ups in one clone wait for each other. The lock is a file that names its holder; a holder that is gone holds nothing.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 200;

/**
 * A process, told apart from a later one that got the same number: by its start time where the kernel shows it.
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process
 */
export function identityOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return undefined; // EPERM: another user's, alive
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // proc(5): field 3 comes first here, 22 is the start
    return `${pid} ${fields[19]}`;
  } catch {
    return `${pid}`;
  }
}

/**
 * Runs `work` while holding the lock; waits for the holder if there is one.
 * @template T
 * @param {string} lockFile @param {{ say: (line: string) => void }} options @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function oneAtATime(lockFile, { say }, work) {
  const mine = /** @type {string} */ (identityOf(process.pid));
  mkdirSync(dirname(lockFile), { recursive: true });
  let told = false;
  while (!take(lockFile, mine)) {
    const holder = read(lockFile);
    if (holder === undefined) continue; // just released
    if (identityOf(Number.parseInt(holder, 10)) !== holder) {
      removeStale(lockFile, holder);
      continue;
    }
    if (!told) say(`waiting for another set-up in this folder (process ${Number.parseInt(holder, 10)})`);
    told = true;
    await sleep(LOOK_AGAIN_MS);
  }
  const release = () => {
    if (read(lockFile) === mine) rmSync(lockFile, { force: true });
  };
  const interrupted = (/** @type {NodeJS.Signals} */ signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.on('exit', release);
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

/** @param {string} lockFile @param {string} mine */
function take(lockFile, mine) {
  const whole = `${lockFile}.${process.pid}`;
  writeFileSync(whole, mine);
  try {
    linkSync(whole, lockFile); // atomic, and the lock is never seen half written
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** @param {string} lockFile */
function read(lockFile) {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock of a dead holder away, and only that one: what was moved is looked at again, and put back if it was another's.
 * @param {string} lockFile @param {string} holder
 */
function removeStale(lockFile, holder) {
  const moved = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, moved);
  } catch {
    return; // another set-up was quicker
  }
  try {
    if (readFileSync(moved, 'utf8') !== holder) linkSync(moved, lockFile);
  } catch {
    // another holds it by now
  } finally {
    rmSync(moved, { force: true });
  }
}
