/** Why a whole file is refused. */
export type FileProblem =
  | 'unrecognised'
  | 'malformed'
  | 'truncated'
  | 'doctype'
  | 'too_big'
  | 'unsupported'
  | 'key_needed'
  | 'wrong_key'
  | 'password_needed'
  | 'wrong_password';

/**
 * The file is not read any further. The message holds no text of the file: nothing says where in it a seed stands; and
 * for the same reason no error of a parser is its cause.
 */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';

  constructor(
    readonly code: FileProblem,
    message: string,
  ) {
    super(message);
  }
}
