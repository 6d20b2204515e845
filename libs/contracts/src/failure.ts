import type { Milliseconds } from './messages/units.js';

/**
 * Every way in which a request can fail, as data. A wrong code is not a failure but a verdict.
 * `status` follows HTTP, for people who know it; `retry` says whether the same request may succeed later unchanged.
 */
export const Failures = {
  INVALID_ARGUMENT: { status: 400, retry: false, text: 'the request is malformed' },
  FORBIDDEN: { status: 403, retry: false, text: 'this caller may not do that' },
  NOT_FOUND: { status: 404, retry: false, text: 'there is no such account or device' },
  CONFLICT: { status: 409, retry: false, text: 'what exists already contradicts the request' },
  TOO_LARGE: { status: 413, retry: false, text: 'the message is larger than 64 KiB' },
  LIMIT: { status: 422, retry: false, text: 'a limit would be passed; nothing was written' },
  BUSY: { status: 429, retry: true, text: 'too many requests for this account at once; nothing was decided' },
  INTERNAL: { status: 500, retry: false, text: 'a defect of the platform; nothing was decided' },
  UNAVAILABLE: { status: 503, retry: true, text: 'a part of the platform cannot answer now; nothing was decided' },
  ROLLBACK: { status: 503, retry: false, text: 'the ledger ends before what was seen of it; an operator has to look' },
  OUTCOME_UNKNOWN: {
    status: 504,
    retry: true,
    text: 'whether it was written is not known yet; ask again with the same requestId',
  },
} as const;

export type FailureCode = keyof typeof Failures;

/** One wrong field of a request: its path, and what would be right. */
export interface FieldProblem {
  /** its path: `names.0` */
  field: string;
  /** what would be right */
  problem: string;
}

/** The body of every error reply, beside the ADR-32 headers. */
export interface FailureBody {
  code: FailureCode;
  /** for people: what failed */
  message: string;
  /** ask again no sooner */
  retryAfterMs?: Milliseconds;
  /** of a malformed request: each wrong field */
  fields?: FieldProblem[];
}

export interface FailureOptions extends ErrorOptions {
  retryAfterMs?: number;
  fields?: FieldProblem[];
}

/** The one error class. The transport turns it into headers and body; nothing else does. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly retryAfterMs?: number;
  readonly fields?: FieldProblem[];

  constructor(
    readonly code: FailureCode,
    detail?: string,
    options: FailureOptions = {},
  ) {
    super(detail ?? Failures[code].text, options);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.fields !== undefined) this.fields = options.fields;
  }

  get status(): number {
    return Failures[this.code].status;
  }

  body(): FailureBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
      ...(this.fields !== undefined && { fields: this.fields }),
    };
  }
}

export function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === 'string' && Object.hasOwn(Failures, code);
}
