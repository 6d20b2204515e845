// npm test: sets up, runs every test, and ends with the line `N passed, N failed`. Arguments go to Jest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { root } from './places.mjs';
import { asProgram } from './refused.mjs';
import { setUp } from './set-up.mjs';

const JEST = [
  '--experimental-vm-modules', // native ESM in Jest
  '--no-warnings',
  join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
];

const OPTIONS = [
  '--ci', // no snapshot is written on the way
  '--reporters=default',
  `--reporters=${join(root, 'deploy', 'bootstrap', 'jest-reporter.mjs')}`,
];

await asProgram(async () => {
  await setUp({ say: (line) => console.log(line), tests: true });
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-')); // of this run alone: two runs may go side by side
  const countFile = join(folder, 'count.json');
  try {
    // ours last: Jest takes what follows --reporters for more reporters
    const status = await foreground(process.execPath, [...JEST, ...process.argv.slice(2), ...OPTIONS], {
      cwd: root,
      env: { COUNTERSIGN_COUNT_FILE: countFile },
      stderr: 'to stdout', // one stream, in order, with our line last
      signal: 'its group',
    });
    const count = readCount(countFile);
    if (status !== 0 && count.failed === 0) {
      count.failed = 1;
      count.notes.push(`Jest ended with status ${status}`);
    }
    for (const note of count.notes) console.log(`failed: ${note}`);
    console.log(`${count.passed} passed, ${count.failed} failed`);
    return count.failed === 0 && count.passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/**
 * @param {string} countFile
 * @returns {import('./count-tests.mjs').Count}
 */
function readCount(countFile) {
  if (!existsSync(countFile)) return { passed: 0, failed: 1, notes: ['Jest ended before it had a result'] };
  return /** @type {import('./count-tests.mjs').Count} */ (JSON.parse(readFileSync(countFile, 'utf8')));
}
