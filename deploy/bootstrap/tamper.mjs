// npm run tamper: sets up, then tampers with a log again and again, or makes one.
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { root } from './places.mjs';
import { asProgram } from './refused.mjs';
import { setUp } from './set-up.mjs';

await asProgram(async () => {
  const say = (/** @type {string} */ line) => console.error(line); // standard output is the result's alone
  await setUp({ say, tests: false });
  const program = [join(root, 'test', 'dist', 'tamper', 'main.js'), ...process.argv.slice(2)];
  return foreground(process.execPath, program, { cwd: process.cwd(), env: {}, signal: 'the program' });
});
