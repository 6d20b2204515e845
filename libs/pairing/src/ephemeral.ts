import { createECDH } from 'node:crypto';
import { Secret, SystemRandom } from '@countersign/runtime';
import type { Random } from '@countersign/runtime';
import { CURVE, checkPoint } from './point.js';

/** One end's key pair for one exchange. */
export interface Ephemeral {
  /** 65 bytes */
  point: Buffer;
  /** x of the Diffie-Hellman result, 32 bytes with leading zeros (SEC 1 section 3.3.1). Checks the other point. */
  agree(other: Uint8Array): Secret;
}

export function makeEphemeral(random: Random = new SystemRandom()): Ephemeral {
  const ecdh = createECDH(CURVE);
  for (;;) {
    using scalar = new Secret(random.bytes(32));
    try {
      ecdh.setPrivateKey(scalar.reveal());
      break;
    } catch {
      continue; // 0, or not below the group's order: once in 2^32 draws
    }
  }
  return {
    point: ecdh.getPublicKey(),
    agree: (other) => {
      const shared = ecdh.computeSecret(checkPoint(other));
      const secret = new Secret(shared);
      shared.fill(0);
      return secret;
    },
  };
}
