import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PinRefused } from './masters.js';
import { PinFile } from './pin-file.js';

describe('the file of the PIN', () => {
  let folder: string;
  let path: string;
  let file: PinFile;
  let shown: string[];
  let writings = 0;

  const write = (text: string): void => {
    writeFileSync(path, text);
    utimesSync(path, (writings += 1), writings); // however fast this machine is
  };
  /** A token that takes one PIN, and notes what it is shown. */
  const login = (right: string, token = 'one'): void =>
    file.login(token, (pin) => {
      shown.push(pin.reveal().toString());
      return shown.at(-1) === right ? 'taken' : 'refused';
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-pin-'));
    path = join(folder, 'pin');
    file = new PinFile(path);
    shown = [];
    write('pin-one-1\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is read at each login', () => {
    login('pin-one-1');
    write('pin-two-2');
    login('pin-two-2');
    expect(shown).toEqual(['pin-one-1', 'pin-two-2']);
  });

  test('a PIN that a token refused is not shown to it again, until the file is written anew', () => {
    for (let time = 0; time < 5; time += 1) expect(() => login('pin-two-2')).toThrow(PinRefused);
    expect(shown).toEqual(['pin-one-1']);
    write('pin-two-2');
    login('pin-two-2');
    expect(shown).toEqual(['pin-one-1', 'pin-two-2']);
  });

  test('the same PIN written again is shown again: the file came before the token', () => {
    write('pin-two-2');
    expect(() => login('pin-one-1')).toThrow(PinRefused);
    write('pin-two-2');
    login('pin-two-2');
  });

  test('what another token refused is shown to this one', () => {
    expect(() => login('pin-two-2', 'other')).toThrow(PinRefused);
    login('pin-one-1');
  });

  test('a file that is being written is no PIN, and nothing is shown', () => {
    write('');
    expect(() => login('')).toThrow('holds none now');
    expect(shown).toEqual([]);
  });
});
