import { HttpException } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { Failure, isFailureCode, type FailureCode } from '@countersign/contracts';

/** What Nest throws when a guard returns false. */
const GUARD_SAID_NO = 'Forbidden resource';

/**
 * The failure in a thrown value: a Failure; an RpcException around one or around `{code, message}` with a code of ours;
 * a guard's no; an HttpException of 4xx, which Nest's own pipes throw. Anything else has none: it is a defect.
 */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof RpcException) return fromRpc(error.getError());
  if (error instanceof HttpException) return fromHttp(error);
  return fromRpc(error);
}

function fromRpc(inner: unknown): Failure | undefined {
  if (inner instanceof Failure) return inner;
  if (inner === GUARD_SAID_NO) return new Failure('FORBIDDEN');
  if (typeof inner !== 'object' || inner === null || inner instanceof Error) return undefined;
  const { code, message } = inner as { code?: unknown; message?: unknown };
  if (isFailureCode(code)) return new Failure(code, typeof message === 'string' ? message : undefined);
  return message === GUARD_SAID_NO ? new Failure('FORBIDDEN') : undefined;
}

const HTTP_CODES: Partial<Record<number, FailureCode>> = {
  400: 'INVALID_ARGUMENT',
  401: 'FORBIDDEN',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  422: 'INVALID_ARGUMENT',
  429: 'BUSY',
};

function fromHttp(error: HttpException): Failure | undefined {
  const code = HTTP_CODES[error.getStatus()];
  if (code === undefined) return undefined;
  const response = error.getResponse();
  const detail = typeof response === 'object' ? (response as { message?: unknown }).message : response;
  return new Failure(code, Array.isArray(detail) ? detail.join('; ') : error.message, { cause: error });
}
