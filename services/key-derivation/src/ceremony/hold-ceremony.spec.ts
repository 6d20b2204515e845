import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { SoftHsm } from '../testing/soft-token.js';
import { holdCeremony } from './hold-ceremony.js';
import type { CeremonySettings } from './hold-ceremony.js';

describe('the ceremony', () => {
  let hsm: SoftHsm;
  let settings: CeremonySettings;
  beforeEach(async () => {
    hsm = await SoftHsm.create();
    settings = {
      modulePath: hsm.modulePath,
      tokenLabel: 'countersign',
      pin: Secret.fromText('a-pin-of-tests'),
      soPin: Secret.fromText('another-of-tests'),
      publicFile: join(hsm.folder, 'public.json'),
    };
  });
  afterEach(() => hsm[Symbol.dispose]());

  const NAMES = ['devices-1', 'challenges-1', 'storage-1', 'receipts-1'];

  test('makes every key once; a second run says what is there and changes nothing', () => {
    const first = holdCeremony(settings);
    expect(first).toMatchObject({
      token: 'made',
      file: 'written',
      made: [...NAMES, 'identity-1', 'audit-1', 'import-1'],
    });
    const text = readFileSync(settings.publicFile, 'utf8');
    const second = holdCeremony(settings);
    expect(second).toMatchObject({ token: 'there', file: 'there', made: [], there: NAMES });
    expect(second.publicKeys).toEqual(first.publicKeys);
    expect(readFileSync(settings.publicFile, 'utf8')).toBe(text);
    expect(new Set(Object.values(first.publicKeys.checkValues)).size).toBe(NAMES.length);
  });

  test('a run that ended before the file was written is completed with the same keys', () => {
    const first = holdCeremony(settings);
    rmSync(settings.publicFile);
    const second = holdCeremony(settings);
    expect(second).toMatchObject({ token: 'there', file: 'written', made: [] });
    expect(second.publicKeys).toEqual(first.publicKeys);
  });

  test('where the file is and the token is not, no new masters are made', () => {
    holdCeremony(settings);
    renameSync(hsm.tokens, join(hsm.folder, 'away'));
    mkdirSync(hsm.tokens);
    expect(() => holdCeremony(settings)).toThrow('is not there');
    expect(readdirSync(hsm.tokens)).toEqual([]);
  });

  test('a file of another token is neither followed nor overwritten', () => {
    const { publicKeys } = holdCeremony(settings);
    const other = { ...publicKeys, checkValues: { ...publicKeys.checkValues, 'devices-1': '00'.repeat(16) } };
    writeFileSync(settings.publicFile, JSON.stringify(other));
    expect(() => holdCeremony(settings)).toThrow('devices-1 differ');
    expect(JSON.parse(readFileSync(settings.publicFile, 'utf8'))).toEqual(other);
    writeFileSync(settings.publicFile, '{}');
    expect(() => holdCeremony(settings)).toThrow('not a file of public keys');
  });
});
