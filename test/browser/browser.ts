import { spawn } from 'node:child_process';
import { libraryVariables, readServers } from '@countersign/local';

/** Not the sandbox, which root and containers lack; the page is ours. */
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0'];

/** Opens a page until `done` resolves, and then kills the browser at once. Throws Error when it ends before. */
export async function browse<T>(url: string, profileFolder: string, done: Promise<T>): Promise<T> {
  const servers = readServers();
  if (servers.chromium === undefined) throw new Error('Chromium is not here: npm test fetches it with apt');
  const child = spawn(servers.chromium, [...ARGUMENTS, `--user-data-dir=${profileFolder}`, url], {
    env: { ...process.env, ...libraryVariables(servers) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const early = ended.then(() => Promise.reject(new Error(`the browser ended: ${said}`)));
    return await Promise.race([done, early]);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
