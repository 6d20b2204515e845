import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspaces.js';

const TOOL_TIMEOUT_MS = 300_000; // ESLint reads every type of the tree: 10 s alone, longer beside other suites

/** What each tool says when it has nothing to report. */
const tools = [
  { tool: 'ESLint', program: 'eslint/bin/eslint.js', args: ['.', '--max-warnings=0'] },
  { tool: 'Prettier', program: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
  { tool: 'TypeScript, tests included,', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.test.json'] },
];

test.each(tools)(
  '$tool has nothing to report',
  ({ program, args }) => {
    const done = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: root,
      encoding: 'utf8',
      timeout: TOOL_TIMEOUT_MS,
    });
    expect({ status: done.status, said: `${done.stdout}${done.stderr}`.trim() }).toEqual({ status: 0, said: '' });
  },
  TOOL_TIMEOUT_MS,
);
