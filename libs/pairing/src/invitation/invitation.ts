import { base64urlOfBytes, bytesFromBase64url } from '../base64url-bytes.js';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';

/** What both kinds say: whose device it will be, and how to know the platform. */
interface Inviting {
  tenant: string;
  /** the account's id, 20 characters: not its name, which is nobody's business who sees the screen */
  account: string;
  /** the platform's identity key (Ed25519, 32 bytes, base64url): as short as a fingerprint of it, so it is the key itself */
  identity: string;
}

/** Pairing by PIN. Nothing of it is secret: the PIN goes another way. */
export interface PairInvitation extends Inviting {
  kind: 'pair';
  /** 16 characters */
  session: string;
  /** the replica that holds the session; its subjects end in this name */
  at: string;
}

/** One-time activation. Whoever sees the token first can use it. */
export interface ActivateInvitation extends Inviting {
  kind: 'activate';
  /** 16 bytes */
  token: Hidden;
}

export type Invitation = PairInvitation | ActivateInvitation;

/** Says which exchange, and with it every parameter that this text does not name (scrypt's cost, the curve). */
const VERSION = '1';
export const TOKEN_BYTES = 16;
/** Longer than any invitation: what is beyond is not looked at. */
const MAX_CHARACTERS = 300;

const ID = (length: number): RegExp => new RegExp(`^[0-9a-hjkmnp-tv-z]{${length}}$`); // Crockford's base32, lower case
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Fields of each kind, in the order in which they are written. */
const FIELDS = {
  pair: { tenant: NAME, account: ID(20), session: ID(16), at: NAME, identity: BASE64URL },
  activate: { tenant: NAME, account: ID(20), token: BASE64URL, identity: BASE64URL },
} as const;

/** The text for a QR code or a link: 143 to 205 characters for pairing, 146 to 177 for activation. */
export function formatInvitation(invitation: Invitation): string {
  const { kind } = invitation;
  const token = kind === 'activate' ? base64urlOfBytes(invitation.token.reveal()) : undefined;
  const values: Record<string, unknown> = { ...invitation, token };
  const fields = Object.keys(FIELDS[kind]).map((name) => `${name}=${String(values[name])}`);
  const text = `countersign://${kind}?${[`v=${VERSION}`, ...fields].join('&')}`;
  parseInvitation(text); // what nobody could read is not shown to anybody
  return text;
}

/**
 * Reads what formatInvitation wrote: every field once, in any order, and no others. Nothing is escaped, since no field
 * needs it. Throws PairingError 'invitation', which never shows a token.
 */
export function parseInvitation(text: string): Invitation {
  const parts = /^countersign:\/\/([a-z]+)\?([^#]*)$/.exec(text.slice(0, MAX_CHARACTERS + 1));
  if (!parts || text.length > MAX_CHARACTERS)
    throw refused('not an invitation: countersign://pair?... or countersign://activate?... was expected');
  const kind = parts[1]!;
  if (!Object.hasOwn(FIELDS, kind)) throw refused('an invitation is to pair or to activate; this app knows no other');
  const given = fieldsOf(parts[2]!);
  if (given.get('v') !== VERSION) throw refused(`version ${VERSION} was expected; a newer app may know this one`);
  given.delete('v');
  return kind === 'pair' ? readPair(given) : readActivate(given);
}

function readPair(given: Map<string, string>): PairInvitation {
  const values = checked('pair', given);
  return { kind: 'pair', ...values, identity: keyIn(values.identity) };
}

function readActivate(given: Map<string, string>): ActivateInvitation {
  const { token, ...values } = checked('activate', given);
  return {
    kind: 'activate',
    ...values,
    identity: keyIn(values.identity),
    token: hide(bytesIn(token, 'token', TOKEN_BYTES)),
  };
}

function checked<Kind extends keyof typeof FIELDS>(
  kind: Kind,
  given: Map<string, string>,
): Record<keyof (typeof FIELDS)[Kind], string> {
  const values: Record<string, string> = {};
  for (const [name, pattern] of Object.entries(FIELDS[kind])) {
    const value = given.get(name);
    if (value === undefined) throw refused(`${name} is missing`);
    if (!pattern.test(value)) throw refused(`${name} is malformed`);
    values[name] = value;
    given.delete(name);
  }
  if (given.size > 0) throw refused('it has a field that this version does not know');
  return values as Record<keyof (typeof FIELDS)[Kind], string>;
}

function fieldsOf(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0));
    if (fields.has(name)) throw refused('a field is given twice');
    fields.set(name, pair.slice(equals + 1));
  }
  return fields;
}

function keyIn(text: string): string {
  bytesIn(text, 'identity', 32);
  return text;
}

function bytesIn(text: string, field: string, lengthBytes: number): Uint8Array {
  try {
    return bytesFromBase64url(text, field, lengthBytes);
  } catch {
    throw refused(`${field} is not ${lengthBytes} bytes as base64url`);
  }
}

function refused(detail: string): PairingError {
  return new PairingError('invitation', detail);
}
