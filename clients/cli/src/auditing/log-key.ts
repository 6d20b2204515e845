import { auditKey } from '@countersign/local';
import { reasonOf } from '@countersign/runtime';
import { SIGNATURE_TYPES, parseVerifierKey, type VerifierKey } from '@countersign/tlog';
import type { Command } from 'commander';
import { Unusable } from '../exit.js';
import { folderOf, type SharedOptions } from '../shared-options.js';

export interface KeyOptions extends SharedOptions {
  key?: string;
}

/** What every command takes that believes one key. */
export const keyed = (command: Command): Command =>
  command.option(
    '--key <verifier-key>',
    "the log's key, name+id+key; default: that of the platform in the state folder",
  );

/** The one key that is believed. Throws Unusable for what is none. */
export function logKey(options: KeyOptions): VerifierKey {
  const text = options.key ?? auditKey(folderOf(options));
  const key = readKey(text);
  if (key.type === SIGNATURE_TYPES.ed25519) return key;
  throw new Unusable('--key should be the key of the log: this one is for cosignatures');
}

function readKey(text: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    throw new Unusable(`--key should be a verifier key: ${reasonOf(error)}`);
  }
}
