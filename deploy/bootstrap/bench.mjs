// npm run bench (verdicts), bench:import, bench:audit: sets up, then measures. The first argument names the program in test/bench.
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { root } from './places.mjs';
import { asProgram } from './refused.mjs';
import { setUp } from './set-up.mjs';

await asProgram(async () => {
  const say = (/** @type {string} */ line) => console.error(line); // standard output is the result's alone
  await setUp({ say, tests: false });
  const [name, ...options] = process.argv.slice(2);
  const program = [join(root, 'test', 'dist', 'bench', `${name}.js`), ...options];
  return foreground(process.execPath, program, { cwd: process.cwd(), env: {}, signal: 'the program' });
});
