import { spawn } from 'node:child_process';
import ts from 'typescript';
import { root } from '../tidy/workspaces.js';

export interface Ended {
  status: number | null;
  output: string;
  errors: string;
}

/** Runs a program at the root, with nothing on its standard input, to its end. */
export function run(command: string, args: string[], variables: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...variables };
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended: Ended = { status: null, output: '', errors: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.output += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (ended.errors += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => resolve({ ...ended, status }));
  });
}

/** Runs a module's text as a file at the root would run, over what is built. */
export const runModule = (source: string, variables: Record<string, string> = {}): Promise<Ended> =>
  run(process.execPath, ['--input-type=module', '--eval', source], variables);

/** TypeScript to what Node runs, as the services are compiled. */
export function compiled(source: string): string {
  const { ESNext } = ts.ModuleKind;
  return ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ESNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
    },
  }).outputText;
}
