import { timingSafeEqual } from 'node:crypto';
import type { Handle } from 'pkcs11js';
import type { PublicKeys } from '@countersign/contracts';
import { checkValueData } from '../labels.js';
import { returnValueOf } from './cryptoki.js';
import type { Session } from './session.js';
import { SESSION, macKey, search } from './templates.js';

/** devices, challenges, storage: AES-256, only for deriving. receipts: only for HMAC-SHA-256. */
export const MASTERS = ['devices', 'challenges', 'storage', 'receipts'] as const;
export type MasterKind = (typeof MASTERS)[number];
export const KEY_PAIRS = ['identity', 'audit', 'import'] as const;
export type KeyPairName = (typeof KEY_PAIRS)[number];

/** The label of an object on the token. */
export const labelOf = (name: string): string => `countersign-${name}`;
export const FIRST_VERSION = 1;
const CHECK_VALUE_BYTES = 16;

/** The token is not the one that the configuration pins. Not mended by trying again. */
export class WrongToken extends Error {
  override readonly name = 'WrongToken';
}

/** The token does not take the PIN. */
export class PinRefused extends WrongToken {}

/** The platform's keys on an open token: handles, all of one generation. */
export interface Masters {
  /** by version */
  versions: Record<MasterKind, Map<number, { handle: Handle; original: Handle }>>;
  pairs: Record<KeyPairName, { publicKey: Handle; privateKey: Handle }>;
}

/** One version of a master: `prove` it after its use. */
export interface Master {
  version: number;
  handle: Handle;
  /** the token's own, which `handle` may be a copy of: whether the token is still there is told by this one alone */
  original: Handle;
  label: string;
}

/** undefined: this token has no such version. */
export function masterOf(masters: Masters, kind: MasterKind, version: number): Master | undefined {
  const handles = masters.versions[kind].get(version);
  return handles && { version, ...handles, label: labelOf(`${kind}-${version}`) };
}

/** The newest version: what new keys are made from. */
export function newest(masters: Masters, kind: MasterKind): Master {
  return masterOf(masters, kind, Math.max(...masters.versions[kind].keys()))!;
}

/** A few bytes that tell a master from every other without helping to find it: hex. */
export function checkValue(session: Session, name: string, master: Handle): string {
  const data = checkValueData(name);
  if (name.startsWith('receipts-')) return short(session.hmac('SHA256', master, data));
  return session.temporarily((keep) => {
    const key = keep(session.deriveByEncryption(master, data, macKey('mac', SESSION, 32)));
    return short(session.hmac('SHA256', key, data));
  });
}

/**
 * Finds what the pinned public keys name, and compares. Throws WrongToken when anything is missing or another. The
 * master of receipts, which every question uses, is a copy that belongs to `session`, where the HSM makes copies.
 */
export function openMasters(session: Session, pinned: PublicKeys): Masters {
  const versions = Object.fromEntries(MASTERS.map((kind) => [kind, new Map()])) as Masters['versions'];
  for (const [name, expected] of Object.entries(pinned.checkValues)) {
    const { kind, version } = parseMasterName(name);
    const original = theOnly(session, 'secret', name);
    const handle = kind === 'receipts' ? copyOf(session, original) : original;
    if (!same(checkValue(session, name, handle), expected))
      throw new WrongToken(`the token's ${name} is another key than the pinned check value says`);
    versions[kind].set(version, { handle, original });
  }
  for (const kind of MASTERS)
    if (versions[kind].size === 0) throw new WrongToken(`no check value is pinned for a master of ${kind}`);
  const points = { identity: pinned.identity, audit: pinned.audit, import: pinned.import.point };
  const pair = (name: KeyPairName) => {
    const keyName = `${name}-${FIRST_VERSION}`;
    const publicKey = theOnly(session, 'public', keyName);
    if (!same(session.point(publicKey).toString('base64url'), points[name]))
      throw new WrongToken(`the token's ${keyName} is another key than the pinned public key says`);
    return { publicKey, privateKey: theOnly(session, 'private', keyName) };
  };
  return { versions, pairs: { identity: pair('identity'), audit: pair('audit'), import: pair('import') } };
}

function parseMasterName(name: string): { kind: MasterKind; version: number } {
  const parts = /^([a-z]+)-([1-9][0-9]{0,3})$/.exec(name);
  const kind = MASTERS.find((known) => known === parts?.[1]);
  if (!kind) throw new WrongToken(`a check value is pinned for ${JSON.stringify(name)}, which is no master`);
  return { kind, version: Number(parts![2]) };
}

function theOnly(session: Session, kind: 'secret' | 'private' | 'public', name: string): Handle {
  const found = session.find(search(kind, labelOf(name)));
  if (found.length === 1) return found[0]!;
  throw new WrongToken(`the token has ${found.length === 0 ? 'no' : 'more than one'} ${kind} key ${labelOf(name)}`);
}

function copyOf(session: Session, master: Handle): Handle {
  try {
    return session.copy(master);
  } catch (error) {
    if (returnValueOf(error)) return master;
    throw error;
  }
}

const short = (mac: Buffer): string => mac.subarray(0, CHECK_VALUE_BYTES).toString('hex');

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
