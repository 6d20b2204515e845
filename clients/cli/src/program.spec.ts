import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { countersignProgram } from './program.js';

/** Every command that does something, by its full name. */
function leaves(command: Command, path: string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((each) => leaves(each, [...path, each.name()]));
}

const all = leaves(countersignProgram());

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const TRANSCRIPTS = new URL('../../../test/transcripts/', import.meta.url);
const transcripts = readdirSync(TRANSCRIPTS)
  .map((name) => readFileSync(new URL(name, TRANSCRIPTS), 'utf8'))
  .join('\n');

describe('every command', () => {
  test.each(all)('%s is in a transcript', (name) => {
    expect(transcripts).toMatch(new RegExp(`^\\$ (.*\\| )?countersign ${name}\\b`, 'm'));
  });

  test('is there', () => {
    expect(all.map(([name]) => name).sort()).toEqual(
      [
        ...[
          'init',
          'up',
          'status',
          'top',
          'doctor',
          'logs',
          'enroll',
          'code',
          'verify',
          'recover',
          'resync',
          'events',
          'import',
          'completion',
        ],
        ...['certificate list', 'certificate renew'],
        ...['tenant add', 'tenant list', 'caller add', 'caller rotate', 'caller revoke', 'caller list'],
        ...['account create', 'account show', 'account names', 'account unlock', 'account erase'],
        ...['sheet issue', 'sheet verify', 'recipient add', 'recipient remove', 'recipient list'],
        ...['policy show', 'policy set', 'policy history'],
        ...['challenge issue', 'challenge verify', 'challenge send', 'challenge cancel'],
        ...['device list', 'device disable', 'device enable', 'device revoke', 'device confirm'],
        ...['device pair', 'device activate', 'device two-step', 'device carry'],
        ...['device replace', 'device rekey', 'device attest', 'device ocra'],
        ...['audit key', 'audit check', 'audit verify', 'audit follow', 'audit export'],
        'device import',
      ].sort(),
    );
  });

  test.each(all)(
    '%s says what it does, with an example that names it, and takes --state and --json',
    (name, command) => {
      const help = helpOf(command);
      expect(command.description()).not.toBe('');
      expect(help).toContain(`$ countersign ${name} `.trimEnd());
      expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(['--state', '--json']));
    },
  );

  test.each(all)('%s takes secrets by file only: others can list a command line', (_name, command) => {
    const open = ['--key']; // a log's, which is public
    const secretive = command.options.filter(
      ({ long }) => /pass|seed|secret|pin\b|key/.test(long ?? '') && !open.includes(long ?? ''),
    );
    for (const { long } of secretive) expect(long).toMatch(/-file$/);
  });
});

test('the help of the whole names every exit status', () => {
  const help = helpOf(countersignProgram());
  for (const status of [0, 1, 2, 3, 4]) expect(help).toMatch(new RegExp(`^ {2}${status} {2}\\S`, 'm'));
});

test('a number that is none is refused before anything is asked', async () => {
  const program = countersignProgram().configureOutput({ writeErr: () => undefined });
  for (const command of program.commands) command.configureOutput({ writeErr: () => undefined });
  await expect(program.parseAsync(['enroll', 'ada', '--digits', '6x'], { from: 'user' })).rejects.toThrow(
    'whole number',
  );
});
