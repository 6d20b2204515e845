import { createPublicKey, verify } from 'node:crypto';
import type { PublicKeys } from '@countersign/contracts';
import { codeFromMac, counterBytes } from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import { keyEncryptionKey, makeEphemeral, transcriptHash, wrapKey } from '@countersign/pairing';
import type { PairedParameters } from '@countersign/pairing';
import { Secret } from '@countersign/runtime';
import { importSeeds } from './exchange.js';
import { WrongToken } from './masters.js';
import type { Masters } from './masters.js';
import { openSealed } from './sealed.js';
import type { Session } from './session.js';

/** RFC 6238 appendix B, the codes of Unix time 59: counter 1, 8 digits, seeds of 20, 32 and 64 bytes. */
const ANSWERS: Record<Algorithm, { seedBytes: number; code: string }> = {
  SHA1: { seedBytes: 20, code: '94287082' },
  SHA256: { seedBytes: 32, code: '46119246' },
  SHA512: { seedBytes: 64, code: '90693936' },
};

const SELF_TEST = Buffer.from('countersign self-test v1\0', 'ascii'); // begins like no message of the platform

/**
 * Asks the token what is known: codes of an RFC through import, sealing and HMAC, and a signature by each signing key.
 * Runs after every login, before anything else is answered. Throws WrongToken when an answer is another.
 */
export function proveKnownAnswers(session: Session, masters: Masters, pinned: PublicKeys): void {
  for (const [algorithm, answer] of Object.entries(ANSWERS) as [Algorithm, (typeof ANSWERS)[Algorithm]][])
    if (codeThroughToken(session, masters, pinned, algorithm) !== answer.code)
      throw new WrongToken(`the token computes another HMAC-${algorithm} than RFC 6238 appendix B`);
  for (const name of ['identity', 'audit'] as const) {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: pinned[name] }, format: 'jwk' });
    if (!verify(null, SELF_TEST, key, session.sign(masters.pairs[name].privateKey, SELF_TEST)))
      throw new WrongToken(`the token's ${name} key signs for another public key than the pinned one`);
  }
}

function codeThroughToken(session: Session, masters: Masters, pinned: PublicKeys, algorithm: Algorithm): string {
  const point = Buffer.from(pinned.import.point, 'base64url');
  const parameters = selfTestParameters(algorithm);
  const ephemeral = makeEphemeral();
  using shared = ephemeral.agree(point);
  using kek = keyEncryptionKey(shared, transcriptHash('import', parameters, ephemeral.point, point));
  using seed = Secret.fromText('1234567890'.repeat(7).slice(0, ANSWERS[algorithm].seedBytes));
  const wrapped = wrapKey(kek, seed);
  const [imported] = importSeeds(session, masters, { point: ephemeral.point, seeds: [{ parameters, wrapped }] }, point);
  if (imported?.kind !== 'imported') throw new WrongToken(`the token does not open what is wrapped to its import key`);
  return session.temporarily((keep) => {
    const { tenant, account, device, epoch } = parameters;
    const opened = openSealed(session, masters, imported.reference, { tenant, account, device, epoch, algorithm });
    if (opened.kind !== 'key') throw new WrongToken('the token does not open what it sealed');
    return codeFromMac(session.hmac(algorithm, keep(opened.key), counterBytes(1)), 8);
  });
}

/** Names that no tenant, account or device can have. */
function selfTestParameters(algorithm: Algorithm): PairedParameters {
  const profile = { type: 'totp', algorithm, digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
  return { tenant: '_self-test', account: '_self-test', device: '_self-test', epoch: 1, profile };
}
