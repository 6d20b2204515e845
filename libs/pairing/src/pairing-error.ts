/**
 * Why an exchange came to nothing:
 * point: not an uncompressed point of P-256; signature: not by the pinned identity key;
 * parameters: the other end answered something else than was asked; key: what was wrapped does not open;
 * encoding: not the base64url of so many bytes; used: an exchange is for one answer;
 * seal: not sealed by the end that knew the PIN; pin: not a PIN; invitation: not a text of countersign://;
 * two-step: terms of two-step enrolment that are missing, weak or too costly.
 */
export type PairingProblem =
  'point' | 'signature' | 'parameters' | 'key' | 'encoding' | 'used' | 'seal' | 'pin' | 'invitation' | 'two-step';

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
