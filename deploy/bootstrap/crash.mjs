// npm run crash: sets up, then kills audit and NATS again and again.
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { root } from './places.mjs';
import { asProgram } from './refused.mjs';
import { setUp } from './set-up.mjs';

await asProgram(async () => {
  const say = (/** @type {string} */ line) => console.error(line); // standard output is the result's alone
  await setUp({ say, tests: false });
  const program = [join(root, 'test', 'dist', 'crash', 'main.js'), ...process.argv.slice(2)];
  return foreground(process.execPath, program, { cwd: process.cwd(), env: {}, signal: 'the program' });
});
