import { spawn } from 'node:child_process';

export interface Ended {
  status: number | null;
  /** standard output and standard error */
  output: string;
}

/** Runs a program in a folder to its end. */
export function run(command: string, args: string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env; // not Jest's own variables
    const child = spawn(command, args, { cwd, env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
  });
}
