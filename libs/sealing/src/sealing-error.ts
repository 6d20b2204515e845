/** text: not the text of a recipient; sealed: not sealed to this key, in this context, or changed on the way. */
export type SealingProblem = 'text' | 'sealed';

/** The one error of this library. Its text never shows a key. */
export class SealingError extends Error {
  override readonly name = 'SealingError';

  constructor(
    readonly problem: SealingProblem,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(detail, options);
  }
}
