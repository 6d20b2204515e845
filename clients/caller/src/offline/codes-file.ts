import { argon2idAsync } from '@noble/hashes/argon2.js';
import { plainSheetCode } from '@countersign/contracts';
import { SystemRandom, type Random } from '@countersign/runtime';

/** RFC 9106's Argon2id: what one guess costs. */
export interface Cost {
  memoryKiB: number;
  passes: number;
  lanes: number;
}

/** 19 MiB, twice: as OWASP asks of stored passwords. Some tenths of a second in JavaScript for each code. */
export const DEFAULT_COST: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
const MAX_MEMORY_KIB = 1_048_576;
const MAX_PASSES = 64;
const MAX_LANES = 16;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** What a peer needs that checks codes while it is offline: no code, and nothing from which the platform's key follows. */
export interface CodesFile {
  kind: 'countersign offline codes';
  v: 1;
  tenant: string;
  account: string;
  /** the sheet */
  device: string;
  /** ms since 1970 */
  expiresAt: number;
  argon2id: Cost & { salt: string };
  /** base64url, 32 bytes each, in the order of the sheet */
  hashes: string[];
}

/** The sheet, as `sheet.issue` answered, and its codes, as they were opened. `cost`: lower it for tests only. */
export async function makeCodesFile(
  sheet: Pick<CodesFile, 'tenant' | 'account' | 'device' | 'expiresAt'>,
  codes: readonly string[],
  { cost = DEFAULT_COST, random = new SystemRandom() }: { cost?: Cost; random?: Random } = {},
): Promise<CodesFile> {
  const { tenant, account, device, expiresAt } = sheet;
  const argon2id = { ...cost, salt: random.bytes(SALT_BYTES).toString('base64url') };
  const hashes: string[] = [];
  for (const code of codes) hashes.push((await hashOf(code, argon2id)).toString('base64url'));
  return { kind: 'countersign offline codes', v: 1, tenant, account, device, expiresAt, argon2id, hashes };
}

/** Throws Error that says what is wrong, as for a cost that would hang the reader. */
export function readCodesFile(json: string): CodesFile {
  const file = JSON.parse(json) as CodesFile;
  if (file.kind !== 'countersign offline codes' || file.v !== 1)
    throw new Error('not a file of offline codes, version 1');
  const { memoryKiB, passes, lanes, salt } = file.argon2id;
  const within = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  if (!within(memoryKiB, MAX_MEMORY_KIB) || !within(passes, MAX_PASSES) || !within(lanes, MAX_LANES))
    throw new Error('the cost of Argon2id is none that is computed here');
  const bytes = (text: string): number => Buffer.from(text, 'base64url').length;
  if (
    bytes(salt) !== SALT_BYTES ||
    !file.hashes.every((hash) => bytes(hash) === HASH_BYTES) ||
    file.hashes.length === 0
  )
    throw new Error('salt or hashes have another length');
  if (!Number.isSafeInteger(file.expiresAt)) throw new Error('it says not when it ends');
  return file;
}

/** Of a code however it was typed. */
export async function hashOf(code: string, { memoryKiB, passes, lanes, salt }: CodesFile['argon2id']): Promise<Buffer> {
  const cost = { m: memoryKiB, t: passes, p: lanes, dkLen: HASH_BYTES };
  return Buffer.from(await argon2idAsync(plainSheetCode(code), Buffer.from(salt, 'base64url'), cost));
}
