import { spawn } from 'node:child_process';
import { childVariables } from './child-variables.js';

export interface OneRun {
  /** for the error text: 'the key ceremony' */
  meaning: string;
  program: string;
  args?: string[];
  variables?: Record<string, string>;
  input?: unknown;
}

/** Runs a Node program to its end, with JSON on its standard input. Throws Error with what it wrote when it fails. */
export function runOnce({ meaning, program, args = [], variables = {}, input }: OneRun): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...childVariables(), ...variables } });
    let answer = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0) resolve(answer);
      else reject(new Error(`${meaning} failed (${signal ?? `status ${status}`}):\n${(complaint + answer).trim()}`));
    });
    child.stdin.on('error', () => undefined); // it ended without reading; its status says why
    child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  });
}
