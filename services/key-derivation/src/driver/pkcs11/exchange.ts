import pkcs11js from 'pkcs11js';
import type { Handle } from 'pkcs11js';
import { MADE_KEY_BYTES, enrolmentMessage, transcriptHash } from '@countersign/pairing';
import type { ExchangeWith, Imported, Provisioned, WrappedSeed, WrappedSeeds } from '../hsm-driver.js';
import { NONCE_BYTES, formatReference } from '../key-reference.js';
import { deviceKeyData, labelOf } from '../labels.js';
import { newest } from './masters.js';
import type { Masters } from './masters.js';
import { seal, tryUnwrap } from './sealed.js';
import type { Session } from './session.js';
import { SESSION, aesKey, agreementPair, diffieHellman, macKey } from './templates.js';

/**
 * One enrolment, in one call: an ephemeral pair, ECDH, the key-encryption key, a new device key, the wrapping and the
 * identity key's signature. Every object made on the way is destroyed before it returns.
 */
export function provision(session: Session, masters: Masters, { parameters, point }: ExchangeWith): Provisioned {
  const label = labelOf(parameters);
  const keyLengthBytes = MADE_KEY_BYTES[label.algorithm];
  return session.temporarily((keep) => {
    const { publicKey, privateKey } = agreementPair(SESSION);
    const pair = session.makePair(pkcs11js.CKM_EC_KEY_PAIR_GEN, publicKey, privateKey);
    keep(pair.privateKey);
    const own = Buffer.from(session.point(keep(pair.publicKey)));
    const transcript = transcriptHash('enrol', parameters, point, own);
    const shared = keep(agreement(session, pair.privateKey, point));
    const kek = keep(session.deriveByEncryption(shared, transcript, aesKey('wrap', SESSION)));
    const master = newest(masters, 'devices');
    const nonce = session.random(NONCE_BYTES);
    const template = macKey('hand-over', SESSION, keyLengthBytes);
    const key = keep(session.deriveByEncryption(master.handle, deviceKeyData(label, nonce), template));
    session.prove(master.handle, master.label);
    const wrapped = session.wrap(kek, key);
    const signature = session.sign(masters.pairs.identity.privateKey, enrolmentMessage(transcript, wrapped));
    const reference = formatReference({ kind: 'derived', version: master.version, nonce });
    return { reference, point: own, wrapped, keyLengthBytes, signature };
  });
}

/** What unwrapping came to; `refused` holds the HSM's word, which may mean a bad blob or its own trouble. */
export type Opened = Imported | { kind: 'refused'; error: unknown };

/** Opens seeds that were wrapped to the import key, and seals each for its device. One agreement serves all of them. */
export function importSeeds(
  session: Session,
  masters: Masters,
  { point, seeds }: WrappedSeeds,
  importPoint: Buffer,
): Opened[] {
  return session.temporarily((keep) => {
    const shared = keep(agreement(session, masters.pairs.import.privateKey, point));
    const openOne = ({ parameters, wrapped }: WrappedSeed): Opened =>
      session.temporarily((keepOne) => {
        const transcript = transcriptHash('import', parameters, point, importPoint);
        const kek = keepOne(session.deriveByEncryption(shared, transcript, aesKey('wrap', SESSION)));
        const opened = tryUnwrap(session, kek, Buffer.from(wrapped), macKey('hand-over', SESSION));
        if (opened.kind === 'refused') return opened;
        return seal(session, masters, labelOf(parameters), keepOne(opened.key));
      });
    return seeds.map(openOne);
  });
}

/** x of the Diffie-Hellman result, which never leaves: keyEncryptionKey of @countersign/pairing says what becomes of it. */
const agreement = (session: Session, own: Handle, other: Uint8Array): Handle =>
  session.derive(diffieHellman(Buffer.from(other)), own, aesKey('derive', SESSION));
