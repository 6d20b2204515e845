import { base64urlOfBytes, bytesFromBase64url } from '@countersign/pairing/portable';
import { SealingError } from './sealing-error.js';
import { POINT_BYTES } from './suite.js';

/** Whoever something can be sealed to. */
export interface Recipient {
  name: string;
  /** 65 bytes: 04, x and y of P-256 */
  point: Uint8Array;
}

/** A service (`delivery`), or somebody of one tenant (`acme/app`). */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}(?:\/[a-z0-9][a-z0-9-]{0,31})?$/;
const PREFIX = 'csrec1';

/** One line: `csrec1.<name>.<point as base64url>`. */
export const formatRecipient = ({ name, point }: Recipient): string => `${PREFIX}.${name}.${base64urlOfBytes(point)}`;

/** Reads that line; whether the point is on the curve is seen when it is used. Throws SealingError 'text'. */
export function parseRecipient(line: string): Recipient {
  const [prefix, name = '', point, ...more] = line.trim().split('.');
  if (prefix !== PREFIX || more.length > 0)
    throw new SealingError('text', `not a recipient's text, ${PREFIX}.<name>.<point>`);
  return { name: checkName(name), point: readBytes(point, 'the point', POINT_BYTES) };
}

export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new SealingError(
    'text',
    'the name of a recipient is <name> or <tenant>/<name>, each of a-z, 0-9 and -, at most 32',
  );
}

/** Throws SealingError 'text' without showing the bytes. */
export function readBytes(text: string | undefined, field: string, lengthBytes: number): Uint8Array {
  try {
    return bytesFromBase64url(text, field, lengthBytes);
  } catch {
    throw new SealingError('text', `${field} is not the base64url of ${lengthBytes} bytes`);
  }
}
