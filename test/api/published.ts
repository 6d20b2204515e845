import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { FOLDER, documentsIn, type Schema } from '@countersign/api';
import type { FailureCode, Verb } from '@countersign/contracts';

/** The documents as they lie in the repository: what others have. */
export const published = documentsIn(FOLDER);

const ajv = new Ajv2020({ allErrors: true, strict: false });

/** What a value has that the schema does not know, or lacks that it must have; empty: it is as published. */
export type Complaints = (value: unknown) => string[];

const asyncApi = published['asyncapi.json'];
const components = { $id: 'urn:test:closed', components: closed(asyncApi.components) };
ajv.addSchema(components);

/** Whether a request is one that the document allows. */
export const requestComplaints = (verb: Verb): Complaints => complaints(payloadOf(`${verb}.request`));
/** Whether a reply has the published fields and no other. */
export const replyComplaints = (verb: Verb): Complaints => complaints(payloadOf(`${verb}.reply`));
/** Whether an event has the published fields and no other. */
export const eventComplaints: Complaints = complaints({
  ...(closed(published['events.schema.json']) as Schema),
  $id: 'urn:test:events',
} as Schema);

/** Body and headers of a failure. */
export function failureComplaints(code: FailureCode): Complaints {
  const { headers, payload } = closed(asyncApi.components.messages[`failure.${code}`]) as Record<string, Schema>;
  return complaints({ type: 'object', properties: { headers, payload } as never, required: ['headers', 'payload'] });
}

const payloadOf = (message: string): Schema =>
  withBase(asyncApi.components.messages[message]?.payload as Schema, 'urn:test:closed');

function complaints(schema: Schema): Complaints {
  const valid = ajv.compile(withBase(schema, 'urn:test:closed'));
  return (value) => (valid(value) ? [] : (valid.errors ?? []).map(line));
}

const line = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;

/** References to components lead to the closed ones. */
function withBase(schema: Schema, base: string): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${base}#/components/`)) as Schema;
}

/** Readers pass over fields they do not know; here one that nobody published is wrong. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]));
  return parts['type'] === 'object' && 'properties' in parts ? { ...parts, additionalProperties: false } : parts;
}
