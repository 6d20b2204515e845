import pkcs11js from 'pkcs11js';
import type { PublicKeys } from '@countersign/contracts';
import { importKeyMessage } from '@countersign/pairing';
import { FIRST_VERSION, KEY_PAIRS, MASTERS, checkValue, labelOf } from '../driver/pkcs11/masters.js';
import type { KeyPairName, MasterKind } from '../driver/pkcs11/masters.js';
import type { Session } from '../driver/pkcs11/session.js';
import {
  CKM_EC_EDWARDS_KEY_PAIR_GEN,
  aesKey,
  agreementPair,
  macKey,
  search,
  signingPair,
} from '../driver/pkcs11/templates.js';

const RECEIPTS_KEY_BYTES = 32;

export interface Made {
  /** names of keys that this run made */
  made: string[];
  /** names of keys that were there before */
  there: string[];
}

/** Makes on the token whatever of the platform's keys is not there yet, all in their first version. */
export function ensureMasters(session: Session): Made {
  const result: Made = { made: [], there: [] };
  const ensure = (name: string, kind: 'secret' | 'private', make: (label: string) => void) => {
    const label = labelOf(name);
    const there = session.find(search(kind, label)).length > 0;
    if (!there) make(label);
    (there ? result.there : result.made).push(name);
  };
  for (const kind of MASTERS) ensure(nameOf(kind), 'secret', (label) => makeMaster(session, kind, label));
  for (const pair of KEY_PAIRS) ensure(nameOf(pair), 'private', (label) => makePair(session, pair, label));
  return result;
}

/** What everybody may know of the keys on the token: public keys and check values. */
export function readPublicKeys(session: Session): PublicKeys {
  const only = (kind: 'secret' | 'private' | 'public', name: string) => {
    const [object, second] = session.find(search(kind, labelOf(name)));
    if (!object || second) throw new Error(`the token should have one ${kind} key ${labelOf(name)}`);
    return object;
  };
  const point = (pair: KeyPairName) => Buffer.from(session.point(only('public', nameOf(pair))));
  const importPoint = point('import');
  const signature = session.sign(only('private', nameOf('identity')), importKeyMessage(importPoint));
  const checkValues = MASTERS.map((kind): [string, string] => {
    const name = nameOf(kind);
    return [name, checkValue(session, name, only('secret', name))];
  });
  return {
    identity: point('identity').toString('base64url'),
    audit: point('audit').toString('base64url'),
    import: { point: importPoint.toString('base64url'), signature: signature.toString('base64url') },
    checkValues: Object.fromEntries(checkValues),
  };
}

const nameOf = (key: MasterKind | KeyPairName): string => `${key}-${FIRST_VERSION}`;

function makeMaster(session: Session, kind: MasterKind, label: string): void {
  const lifetime = { kind: 'token', label } as const;
  if (kind === 'receipts')
    session.makeKey(pkcs11js.CKM_GENERIC_SECRET_KEY_GEN, macKey('mac', lifetime, RECEIPTS_KEY_BYTES));
  else session.makeKey(pkcs11js.CKM_AES_KEY_GEN, aesKey('derive', lifetime));
}

function makePair(session: Session, pair: KeyPairName, label: string): void {
  const mechanism = pair === 'import' ? pkcs11js.CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN;
  const templates = pair === 'import' ? agreementPair({ kind: 'token', label }) : signingPair(label);
  session.makePair(mechanism, templates.publicKey, templates.privateKey);
}
