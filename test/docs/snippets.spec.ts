import { describe, expect, test } from '@jest/globals';
import * as contracts from '@countersign/contracts';
import { parseMessage } from '@countersign/contracts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { manifest, root } from '../tidy/workspaces.js';
import { COMMANDS, commandsIn } from './commands.js';
import { SNIPPETS, type Snippet } from './documents.js';
import { complaintsAbout } from './type-check.js';

const of = (language: string): Snippet[] =>
  SNIPPETS.filter((snippet) => snippet.language === language && snippet.type !== 'token-file');

/** How each kind of snippet is checked. A snippet of another kind is checked by nobody, and so is wrong. */
const CHECKED = {
  ts: 'type-checked here, run in running.spec.ts or package-readmes.spec.ts',
  js: 'run in running.spec.ts',
  sh: 'each command is run in running.spec.ts, or known in commands.ts',
  json: 'parsed, type-checked and validated here, as the message that it names',
  console: 'compared with a real tour in running.spec.ts',
  text: 'every path in it exists',
  xml: 'read as a token file in token-files.spec.ts',
  csv: 'read as a token file in token-files.spec.ts',
};

test('every snippet is of a kind that is checked', () => {
  expect(SNIPPETS.length).toBeGreaterThan(20);
  expect(SNIPPETS.filter(({ language }) => !Object.hasOwn(CHECKED, language)).map(({ at }) => at)).toEqual([]);
});

describe('JSON', () => {
  test.each(of('json'))('$at is a $type', ({ text, type = '' }) => {
    const value: unknown = JSON.parse(text);
    const message = (contracts as Record<string, unknown>)[type];
    if (typeof message === 'function') parseMessage(message as new () => object, value);
    const source = `import type { ${type} } from '@countersign/contracts';\nexport const value: ${type} = ${text};`;
    expect(complaintsAbout(source)).toEqual([]);
  });
});

describe('TypeScript', () => {
  test.each(of('ts'))('$at compiles', ({ text }) => {
    expect(complaintsAbout(text)).toEqual([]);
  });

  test('a snippet that does not compile is found', () => {
    const source = `import type { Verdict } from '@countersign/contracts';\nexport const value: Verdict = { verdict: 'maybe' };`;
    expect(complaintsAbout(source)).not.toEqual([]);
  });
});

describe('commands', () => {
  test.each(of('sh'))('$at holds only commands that are checked', (snippet) => {
    for (const command of commandsIn(snippet))
      expect({ command, known: COMMANDS.some(({ pattern }) => pattern.test(command)) }).toEqual({
        command,
        known: true,
      });
  });

  test('what npm is told exists', () => {
    const { scripts } = manifest('.') as unknown as { scripts: Record<string, string> };
    const lines = of('sh').flatMap(commandsIn);
    for (const line of lines) {
      const script = /^npm run (\S+)$/.exec(line)?.[1] ?? /^npm (start|test)\b/.exec(line)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      const path = /^npm test -- ([^-\s]\S*)$/.exec(line)?.[1];
      if (path !== undefined) expect({ path, there: existsSync(join(root, path)) }).toEqual({ path, there: true });
    }
  });
});

describe('pictures of folders', () => {
  test.each(of('text'))('$at names what exists', ({ text }) => {
    const paths = text.split('\n').flatMap((line) => /^([\w-]+(?:\/[\w.-]+)*\/)(?=\s|$)/.exec(line)?.[1] ?? []);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
