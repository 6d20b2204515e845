import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readServers, ROOT } from '@countersign/local';
import { insideNamespaces } from '../../deploy/bootstrap/namespaces.mjs';
import type { Result } from './checker/result.js';

export interface Tortured {
  status: number | null;
  /** the last line on standard output */
  result: Omit<Result, 'found'> & { seed: number };
  /** what it told people: the seed first */
  told: string;
}

/** The program as people run it, without its set-up. `namespaces`: for the rich world, and where the network is cut. */
export function runTorture(options: string, { namespaces }: { namespaces: boolean }): Promise<Tortured> {
  const program = [join(ROOT, 'test/dist/torture/main.js'), ...options.split(' ')];
  const { command, args, env } = namespaces
    ? insideNamespaces(process.execPath, program, readServers())
    : { command: process.execPath, args: program, env: {} };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, told] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => {
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve({ status, result: JSON.parse(line) as Tortured['result'], told });
      else reject(new Error(`no result, status ${status}:\n${told}`));
    });
  });
}
