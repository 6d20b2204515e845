import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { G, ORDER, bigEndian, times } from './group.js';
import type { Point } from './group.js';
import { withLengths } from './little-endian-lengths.js';
import { SCRYPT_COSTS, portableScrypt } from './scrypt.js';
import type { Scrypt, ScryptCostNumber } from './scrypt.js';

/** Who the two are: bound into the scalars and into the transcript. */
export interface Identities {
  idProver: string;
  idVerifier: string;
}

/** What the prover makes of the password. */
export type ProverSecret = Hidden<{ w0: bigint; w1: bigint }>;

/** What the verifier keeps: enough to check a prover, and to try passwords; not enough to be one. */
export type VerifierRecord = Hidden<{ w0: bigint; L: Point }>;

export interface Hardness {
  cost?: ScryptCostNumber;
  salt?: Uint8Array;
  scrypt?: Scrypt;
}

/** Each half is 64 bits longer than the order, so that the remainder is as good as uniform (RFC 9383 section 3.2). */
const HALF_BYTES = 40;

/** w0 and w1 of a password (RFC 9383 section 3.2), with scrypt. */
export async function proverSecret(
  password: Hidden,
  { idProver, idVerifier }: Identities,
  { cost = 1, salt = new Uint8Array(), scrypt = portableScrypt }: Hardness = {},
): Promise<ProverSecret> {
  const input = withLengths([password.reveal(), idProver, idVerifier]);
  const output = await scrypt(input, salt, SCRYPT_COSTS[cost], 2 * HALF_BYTES);
  const w0 = bigEndian(output.subarray(0, HALF_BYTES)) % ORDER;
  const w1 = bigEndian(output.subarray(HALF_BYTES)) % ORDER;
  input.fill(0);
  output.fill(0);
  return hide({ w0, w1 });
}

/** What the verifier needs of it: w0, and L = w1 times the generator. */
export function verifierRecord(secret: ProverSecret): VerifierRecord {
  const { w0, w1 } = secret.reveal();
  return hide({ w0, L: times(G, w1) });
}
