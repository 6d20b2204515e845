import { headers, type Msg, type MsgHdrs } from '@nats-io/nats-core';
import { Failure, Failures, isFailureCode, type FailureBody, type FailureCode } from '@countersign/contracts';
import { decodeJson, encodeJson } from './wire.js';

/** ADR-32 of NATS: what failed, for people. */
export const SERVICE_ERROR_HEADER = 'Nats-Service-Error';
/** ADR-32 of NATS: a number; here the failure's `status`. The exact code is in the body. */
export const SERVICE_ERROR_CODE_HEADER = 'Nats-Service-Error-Code';

const MAX_HEADER_CHARACTERS = 256; // the whole message is in the body

/** An error reply: ADR-32 headers, and `Failure.body()` as JSON. */
export function failureReply(failure: Failure): { data: Uint8Array; headers: MsgHdrs } {
  const lines = headers();
  const text = failure.message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, MAX_HEADER_CHARACTERS);
  lines.set(SERVICE_ERROR_HEADER, `${failure.code}: ${text}`);
  lines.set(SERVICE_ERROR_CODE_HEADER, String(failure.status));
  return { data: encodeJson(failure.body()), headers: lines };
}

/** The failure that a reply carries, if it is one. A body that cannot be read leaves what the headers say. */
export function failureIn(reply: Msg): Failure | undefined {
  const lines = reply.headers;
  if (lines === undefined) return undefined;
  const status = lines.get(SERVICE_ERROR_CODE_HEADER);
  const text = lines.get(SERVICE_ERROR_HEADER);
  if (status === '' && text === '') return undefined;
  const decoded = decodeJson(reply.data);
  const body = decoded.kind === 'json' ? (decoded.value as Partial<FailureBody> | null) : null;
  if (typeof body !== 'object' || !isFailureCode(body?.code)) return new Failure(codeOf(status), text || undefined);
  return new Failure(body.code, typeof body.message === 'string' ? body.message : text, {
    ...(typeof body.retryAfterMs === 'number' && { retryAfterMs: body.retryAfterMs }),
    ...(Array.isArray(body.fields) && { fields: body.fields }),
  });
}

function codeOf(status: string): FailureCode {
  const found = Object.entries(Failures).find(([, failure]) => String(failure.status) === status);
  return found ? (found[0] as FailureCode) : 'INTERNAL';
}
