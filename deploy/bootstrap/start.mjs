// npm start: sets up, then runs the platform on this machine with its tour, and stays with it until it ends.
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { root } from './places.mjs';
import { asProgram } from './refused.mjs';
import { setUp } from './set-up.mjs';

await asProgram(async () => {
  await setUp({ say: (line) => console.log(line), tests: false });
  const cli = join(root, 'clients', 'cli', 'dist', 'main.js');
  return foreground(process.execPath, [cli, 'up', '--tour', ...process.argv.slice(2)], {
    cwd: root,
    signal: 'the program',
  });
});
