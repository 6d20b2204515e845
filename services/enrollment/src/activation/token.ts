import { createHash } from 'node:crypto';
import { ACTIVATION_TOKEN_BYTES } from '@countersign/contracts';
import { toBase64url } from '@countersign/pairing';
import { Secret, type Random } from '@countersign/runtime';

const DIGEST_BYTES = 16; // as long as the token: the ledger holds this and never the token

export const drawToken = (random: Random): Secret => new Secret(random.bytes(ACTIVATION_TOKEN_BYTES));

/**
 * What the ledger knows a token by. Tokens are random, so that their digests can be compared in any time: who steers a
 * digest does not come nearer to a token.
 */
export const digestOf = (token: Uint8Array): string =>
  toBase64url(createHash('sha256').update(token).digest().subarray(0, DIGEST_BYTES));
