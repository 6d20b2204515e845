import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const folder = new URL('.', import.meta.url);
const scripts = readdirSync(folder).filter((file) => file.endsWith('.lua'));
const use = readFileSync(new URL('cache-server.ts', folder), 'utf8');
const references = (text: string): string[] => [...new Set(text.match(/\b(?:KEYS|ARGV)\[\d+\]/g) ?? [])].sort();

test('there are scripts', () => expect(scripts).toEqual(['admit.lua', 'settle.lua']));

describe.each(scripts)('the header of %s', (file) => {
  const lines = readFileSync(new URL(file, folder), 'utf8').split('\n');
  const header = lines.filter((line) => line.startsWith('--')).join('\n');
  const body = lines.filter((line) => !line.startsWith('--')).join('\n');

  test('names every key and argument of the body, and no other', () => {
    expect(references(header)).toEqual(references(body));
  });

  test('has as many of each as the caller gives', () => {
    const count = (kind: string): number => references(body).filter((each) => each.startsWith(kind)).length;
    const name = file.replace('.lua', '');
    expect(use).toContain(`${name}: { lua: script('${name}'), numberOfKeys: ${count('KEYS')} }`);
    const parameters = new RegExp(`\\b${name}\\(([^)]*)\\): Result`).exec(use)?.[1];
    expect(parameters?.split(',').filter((each) => each.trim() !== '')).toHaveLength(count('KEYS') + count('ARGV'));
  });

  test('says what is returned: every answer of the body', () => {
    const said = /-- Returns (.*)/s.exec(header)?.[1] ?? '';
    const answers = [...body.matchAll(/return (?:\{'(\w+)'|(\d+))/g)].map(([, word, number]) =>
      word ? `'${word}'` : number!,
    );
    expect(answers.length).toBeGreaterThan(1);
    for (const answer of answers) expect(said).toContain(answer);
  });
});
