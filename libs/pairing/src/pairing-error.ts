/**
 * Why an exchange came to nothing:
 * point: not an uncompressed point of P-256; signature: not by the pinned identity key;
 * parameters: the other end answered something else than was asked; key: what was wrapped does not open;
 * encoding: not the base64url of so many bytes; used: an exchange is for one answer.
 */
export type PairingProblem = 'point' | 'signature' | 'parameters' | 'key' | 'encoding' | 'used';

/** The one error of this library. Its text names fields, never their secret contents. */
export class PairingError extends Error {
  override readonly name = 'PairingError';

  constructor(
    readonly problem: PairingProblem,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(detail, options);
  }
}
