import { Failure } from '@countersign/contracts';
import { PairingError, checkPoint, fromBase64url } from '@countersign/pairing';

/** Refuses what is not an uncompressed point of P-256 before the HSM sees it. Throws INVALID_ARGUMENT. */
export function checkClientPoint(point: string, field = 'point'): void {
  try {
    checkPoint(fromBase64url(point, field));
  } catch (cause) {
    if (!(cause instanceof PairingError)) throw cause;
    const problem = 'a point on P-256, uncompressed: 65 bytes beginning 04, as base64url';
    throw new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }], cause });
  }
}
