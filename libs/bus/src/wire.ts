import { isUtf8 } from 'node:buffer';
import { Failure } from '@countersign/contracts';

/** The largest message in either direction, in bytes, headers not counted. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/** `value` as JSON bytes; undefined becomes `null`. Throws TypeError for what JSON cannot hold (bigint, a cycle). */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value) ?? 'null');
}

export type Decoded = { kind: 'json'; value: unknown } | { kind: 'malformed' };

/** JSON from bytes. What the parser complains about is not passed on: its text quotes the message. */
export function decodeJson(data: Uint8Array): Decoded {
  if (!isUtf8(data)) return { kind: 'malformed' };
  try {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    return { kind: 'json', value: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'malformed' };
  }
}

/** A request's bytes. Throws TOO_LARGE over 64 KiB, INVALID_ARGUMENT for what JSON cannot hold. */
export function encodeRequest(body: unknown): Uint8Array {
  let data: Uint8Array;
  try {
    data = encodeJson(body);
  } catch (cause) {
    throw new Failure('INVALID_ARGUMENT', 'the message cannot be written as JSON', { cause });
  }
  if (data.length > MAX_PAYLOAD_BYTES)
    throw new Failure('TOO_LARGE', `the message is ${data.length} bytes; at most ${MAX_PAYLOAD_BYTES} are allowed`);
  return data;
}
