import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScryptOptions } from 'node:crypto';
import type { Secret } from '@countersign/runtime';
import { fromBase64, fromHex, seedFromBase32, taken } from '../encodings.js';
import type { Entry } from '../judge-entry.js';
import { TokenFileError } from '../token-file-error.js';
import { parsedJson } from './json-file.js';
import type { Json } from './json-file.js';
import { openGcm } from './open-gcm.js';
import type { Sealed } from './open-gcm.js';

const PASSWORD_SLOT = 1;
const MOST_SLOTS = 8;
const KEY_BYTES = 32;
/** Aegis takes n = 2^15, r = 8, p = 1; a file could ask for all memory there is. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;
const MOST_PARALLEL = 4;

const derive = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * The tokens of an Aegis vault, version 1 (docs/vault.md of Aegis): plain, or under a master key that each slot holds
 * encrypted; a password's slot by scrypt (RFC 7914). The serial is the entry's UUID. Throws TokenFileError.
 */
export async function aegisEntries(file: Json, password: Secret | undefined): Promise<Entry[]> {
  if (file.get('version').value !== 1)
    throw new TokenFileError('unsupported', 'another version of Aegis vaults; 1 is read');
  const db = file.get('db');
  const { items } = (db.text === undefined ? db : await opened(file, password)).get('entries');
  if (items === undefined) throw new TokenFileError('malformed', 'the vault holds no list of entries');
  return items.map(entryOf);
}

function entryOf(entry: Json, index: number): Entry {
  const info = entry.get('info');
  return {
    line: index + 1,
    serial: entry.get('uuid').text,
    fields: () => ({
      type: entry.get('type').value,
      algorithm: info.get('algo').optional,
      digits: info.get('digits').optional,
      stepSeconds: info.get('period').optional,
      counter: info.get('counter').optional,
      user: entry.get('name').text,
      label: [entry.get('issuer').text, entry.get('name').text].filter(Boolean).join(': '),
      seed: () => seedFromBase32(info.get('secret').text),
    }),
  };
}

async function opened(file: Json, password: Secret | undefined): Promise<Json> {
  const slots =
    file
      .get('header')
      .get('slots')
      .items?.filter((slot) => slot.get('type').value === PASSWORD_SLOT) ?? [];
  if (slots.length === 0) throw new TokenFileError('unsupported', 'no password opens this vault: export it with one');
  if (password === undefined) throw new TokenFileError('password_needed', 'the vault is encrypted: give its password');
  for (const slot of slots.slice(0, MOST_SLOTS)) {
    using key = await slotKey(slot, password);
    using master = openGcm(key, sealed(fromHex(slot.get('key').text), slot.get('key_params')));
    if (master?.length !== KEY_BYTES) continue;
    using plain = openGcm(master, sealed(fromBase64(file.get('db').text), file.get('header').get('params')));
    if (plain === undefined) throw new TokenFileError('malformed', 'the password is right, but the vault was changed');
    return parsedJson(plain.reveal().toString('utf8'));
  }
  throw new TokenFileError('wrong_password', 'not the password of this vault');
}

async function slotKey(slot: Json, password: Secret): Promise<Secret> {
  const [N, r, p] = ['n', 'r', 'p'].map((name) => slot.get(name).value) as [number, number, number];
  const salt = fromHex(slot.get('salt').text);
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
  if (!isCount(N) || !isCount(r) || !isCount(p) || p > MOST_PARALLEL || 128 * N * r > MOST_MEMORY_BYTES || !salt)
    throw new TokenFileError('malformed', 'scrypt: n, r, p and the salt of a slot are not what Aegis writes');
  try {
    return taken(await derive(password.reveal(), salt, KEY_BYTES, { N, r, p, maxmem: 2 * MOST_MEMORY_BYTES }));
  } catch {
    throw new TokenFileError('malformed', 'scrypt: n should be a power of two');
  }
}

function sealed(ciphertext: Buffer | undefined, params: Json): Sealed {
  const [nonce, tag] = [fromHex(params.get('nonce').text), fromHex(params.get('tag').text)];
  if (!ciphertext || !nonce || !tag)
    throw new TokenFileError('malformed', 'the vault is encrypted, but ciphertext, nonce or tag is not there');
  return { ciphertext, nonce, tag };
}
