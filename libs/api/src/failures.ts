import { Failures, type FailureCode } from '@countersign/contracts';
import { SERVICE_ERROR_CODE_HEADER, SERVICE_ERROR_HEADER } from '@countersign/bus';
import type { Schema } from './schema.js';

/** A message of AsyncAPI, as far as it is used here. */
export interface Message {
  title: string;
  summary: string;
  contentType: string;
  headers?: Schema;
  payload: Schema;
  [extension: `x-${string}`]: unknown;
}

/** One message for each code of the table. `body`: the schema of every failure's body. */
export function failureMessages(body: Schema): Record<string, Message> {
  const codes = Object.keys(Failures) as FailureCode[];
  return Object.fromEntries(codes.map((code) => [failureName(code), failureMessage(code, body)]));
}

export const failureName = (code: FailureCode): string => `failure.${code}`;

function failureMessage(code: FailureCode, body: Schema): Message {
  const { status, retry, text } = Failures[code];
  return {
    title: code,
    summary: text,
    contentType: 'application/json',
    headers: {
      type: 'object',
      description: 'as ADR-32 of NATS has it',
      properties: {
        [SERVICE_ERROR_HEADER]: {
          type: 'string',
          description: 'the code and what failed, in visible ASCII',
          pattern: `^${code}: `,
        },
        [SERVICE_ERROR_CODE_HEADER]: { type: 'string', description: "the code's status", const: String(status) },
      },
      required: [SERVICE_ERROR_HEADER, SERVICE_ERROR_CODE_HEADER],
    },
    payload: { ...body, properties: { ...body.properties, code: { type: 'string', const: code } } },
    'x-status': status,
    'x-retry': retry,
  };
}
