// Runs other programs: captured (for answers), or in the foreground (for a person).
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { Refused } from './refused.mjs';

/** Two signals closer than this are one wish: Ctrl-C in `npm start` arrives from the terminal and once more from npm. */
const SAME_WISH_MS = 500;

/**
 * @typedef {{ ok: true, text: string } | { ok: false, text: string }} Answer `text` is stdout and stderr together
 */

/**
 * Asks a program something quick. Never throws: a program that is missing is `ok: false`.
 * @param {string} command @param {string[]} args @param {Record<string, string>} [env] added to the environment
 * @returns {Answer}
 */
export function ask(command, args, env = {}) {
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  if (done.error) return { ok: false, text: done.error.message };
  return { ok: done.status === 0, text: `${done.stdout}${done.stderr}` };
}

/**
 * Does a step that takes a while, quietly. Its output is shown only when it fails.
 * @param {string} command @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, meaning: string }} options `meaning` is what failed, in words
 * @returns {Promise<string>} what it wrote
 * @throws {Refused} when it ends with another status than 0
 */
export function perform(command, args, { cwd, env = {}, meaning }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.once('error', (error) => {
      process.off('exit', endWithUs);
      reject(new Refused(`${meaning} failed: ${error.message}`));
    });
    child.once('close', (status, signal) => {
      process.off('exit', endWithUs);
      if (status === 0) return resolve(text);
      const shown = text.trimEnd().split('\n').slice(-40).join('\n');
      reject(
        new Refused(`${shown}\n\n${meaning} failed (${signal ?? `status ${status}`}): ${command} ${args.join(' ')}`),
      );
    });
  });
}

/**
 * Runs a program for the person at the terminal and waits for its end. It gets a process group of its own and each wish to
 * stop exactly once, so that it can end in order however the signal came (terminal, npm, kill).
 * @param {string} command @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, stderr?: 'inherit' | 'to stdout', signal: 'the program' | 'its group' }} options
 * @returns {Promise<number>} its status, or 128 + the signal that ended it
 */
export function foreground(command, args, { cwd, env = {}, stderr = 'inherit', signal: target }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['inherit', 'inherit', stderr === 'inherit' ? 'inherit' : 1],
    });
    let lastMs = -Infinity;
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      const nowMs = performance.now();
      if (nowMs - lastMs < SAME_WISH_MS || child.pid === undefined) return;
      lastMs = nowMs;
      try {
        process.kill(target === 'its group' ? -child.pid : child.pid, signal);
      } catch {
        // already gone: its end arrives below
      }
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, forward);
    const ended = () => signals.forEach((signal) => process.off(signal, forward));
    child.once('error', (error) => {
      ended();
      reject(error);
    });
    child.once('exit', (status, signal) => {
      ended();
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
