import { Failure, type Algorithm, type ImportedKey } from '@countersign/contracts';
import { isKeyLength } from '@countersign/oath';
import { PairingError, fromBase64url } from '@countersign/pairing';

const KWP_HEADER_BYTES = 8; // RFC 5649 section 3; key lengths here are 20 bytes or whole blocks of 8
const KEY_LENGTHS = [20, 32, 64, 128];

const wrappedLength = (keyBytes: number): number => Math.ceil(keyBytes / 8) * 8 + KWP_HEADER_BYTES;

/** Refuses a wrapped seed of a length that no key of this algorithm has. Throws INVALID_ARGUMENT. */
export function checkWrappedSeed(algorithm: Algorithm, wrapped: string): void {
  const lengths = KEY_LENGTHS.filter((bytes) => isKeyLength(algorithm, bytes));
  if (lengths.some((bytes) => wrappedLength(bytes) === lengthOf(wrapped))) return;
  throw wrong(`AES-KWP (RFC 5649) of a seed prepared as ${lengths.join(', ')} bytes for ${algorithm}, as base64url`);
}

/** The reference of a seed that the HSM took in. Throws INVALID_ARGUMENT for one that it did not. */
export function referenceOf(imported: ImportedKey, algorithm: Algorithm): string {
  switch (imported.kind) {
    case 'imported':
      return imported.reference;
    case 'unopened':
      throw wrong('a seed wrapped to the import key for exactly this tenant, account, device and profile');
    case 'length':
      throw wrong(`a seed in a length that ${algorithm} takes`);
  }
}

function wrong(problem: string): Failure {
  return new Failure('INVALID_ARGUMENT', `wrapped: ${problem}`, { fields: [{ field: 'wrapped', problem }] });
}

function lengthOf(base64url: string): number | undefined {
  try {
    return fromBase64url(base64url, 'wrapped').length;
  } catch (error) {
    if (error instanceof PairingError) return undefined;
    throw error;
  }
}
