import { describe, expect, test } from '@jest/globals';
import { read, type TokenLine } from '@countersign/token-files';
import { compiled, runModule } from './programs.js';
import { bare, snippetsIn, tableRows } from './documents.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

const FILE = 'docs/token-files.md';
const SEED = '12345678901234567890';

async function told(text: string): Promise<TokenLine[]> {
  async function* input() {
    yield Buffer.from(text);
  }
  const lines: TokenLine[] = [];
  for await (const line of read(input())) lines.push(line);
  return lines;
}

describe('layouts', () => {
  const totp = { kind: 'token', type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30 };
  const hotp = { kind: 'token', type: 'hotp', algorithm: 'SHA1' };
  const expected = [
    [{ ...totp, line: 4, serial: '987654321' }],
    [
      { ...totp, line: 2, serial: 'TOTP0001' },
      { ...hotp, line: 3, serial: 'HOTP0001', digits: 8, counter: 12 },
      { ...totp, line: 4, serial: 'TOTP0002', algorithm: 'SHA256', digits: 8, stepSeconds: 60 },
    ],
    [
      { ...hotp, line: 2, serial: 'ubnutkubcccc:1', digits: 8, counter: 65536 },
      { ...hotp, line: 3, serial: '508326', digits: 6, counter: 0 },
    ],
    [{ ...totp, line: 1, serial: '3ae6f1ad-2e65-4ed2-a953-1ec0dff2386d', label: 'Example: ada' }],
    [{ ...totp, line: 1, label: 'Example: ada' }],
  ];
  const shown = snippetsIn(FILE).filter(({ type }) => type === 'token-file');

  test('there are as many as expected', () => expect(shown).toHaveLength(expected.length));

  test.each(shown.map(({ at, text }, index) => ({ at, text, held: expected[index] })))(
    '$at is read',
    async ({ text, held }) => {
      const lines = await told(text);
      expect(lines).toMatchObject(held as object[]);
      for (const line of lines) if (line.kind === 'token') expect(line.seed.reveal().toString()).toContain(SEED);
    },
  );
});

test('the program prints what is in the file, and no seed', async () => {
  const [source = ''] = snippetsIn(FILE)
    .filter(({ language }) => language === 'ts')
    .map(({ text }) => compiled(text));
  const { status, output, errors } = await runModule(source);
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  const [first, second, ...rest] = output.trim().split('\n');
  expect(first).toBe('7 tokens, 0 refused');
  expect(second).toBe('17 aes128-0001 totp SHA1 6 20 bytes');
  expect(rest).toHaveLength(6);
});

/** The members of a union of texts, as its source lists them. */
function members(path: string, type: string): string[] {
  const source = readFileSync(join(root, 'clients', 'token-files', 'src', path), 'utf8');
  const union = new RegExp(`export type ${type} =([^;]*);`).exec(source)?.[1] ?? '';
  return [...union.matchAll(/'(\w+)'/g)].map((match) => match[1] as string);
}

test('the tables list every field and every code', () => {
  const listed = (heading: string, column: string) => tableRows(FILE, heading, column).map(([name]) => bare(name));
  expect(listed('What refuses a token', 'field')).toEqual(members('token-line.ts', 'Field'));
  expect(listed('What refuses a file', 'code')).toEqual(members('token-file-error.ts', 'FileProblem'));
});
