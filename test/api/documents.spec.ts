import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BASELINE, FOLDER, NAMES, breaks, documents, documentsIn, textOf } from '@countersign/api';
import { Failures, VERBS, verbs } from '@countersign/contracts';
import { published } from './published.js';

const made = documents();
const asyncApi = published['asyncapi.json'];

test.each(NAMES)('docs/api/%s is what the contracts say; `npm run api` writes it anew', async (name) => {
  expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(await textOf(made[name]));
});

test('nothing breaks a caller or reader who was there before', () => {
  // If that must be: tell them, then `npm run api -- --baseline`.
  expect(breaks(documentsIn(BASELINE), made)).toEqual([]);
});

describe('docs/api/asyncapi.json', () => {
  test('is AsyncAPI 3.0, by the schema that AsyncAPI publishes', () => {
    const path = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const valid = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
    expect({ valid: valid(asyncApi), errors: valid.errors }).toEqual({ valid: true, errors: null });
    expect(valid({ ...asyncApi, operations: { verify: { action: 'ask' } } })).toBe(false);
  });

  test('has no reference that leads nowhere', () => {
    const references = [...JSON.stringify(asyncApi).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path as string,
    );
    const leads = (path: string): boolean =>
      path.split('/').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], asyncApi) !==
      undefined;
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((path) => !leads(path))).toEqual([]);
  });

  test.each(verbs)('has %s: its subject, its roles, every failure', (verb) => {
    const { channel, reply, 'x-roles': roles } = asyncApi.operations[verb] ?? {};
    expect(asyncApi.channels[verb]?.address).toBe(
      `countersign.v1.{caller}.${verb}${['pair.share', 'pair.confirm'].includes(verb) ? '.{at}' : ''}`,
    );
    expect(channel).toEqual({ $ref: `#/channels/${verb}` });
    expect(roles).toEqual(VERBS[verb].roles);
    expect(reply?.messages.map(({ $ref }) => $ref.split('/').at(-1))).toEqual([
      `${verb}.reply`,
      ...Object.keys(Failures).map((code) => `failure.${code}`),
    ]);
  });

  test('says what every field means', () => {
    const schemas = Object.entries(asyncApi.components.schemas);
    const silent = schemas.flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([field, schema]) => !OBVIOUS.has(field) && schema.$ref === undefined && !schema.description)
        .map(([field]) => `${name}.${field}`),
    );
    expect(silent).toEqual([]);
  });

  /** Fields whose name and values say all there is to say. */
  const OBVIOUS = new Set(['type', 'algorithm', 'verdict', 'status', 'code', 'verb', 'devices', 'budgets', 'events']);
});

test('docs/api/events.schema.json is JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false });
  expect(ajv.validateSchema(published['events.schema.json'])).toBe(true);
  expect(ajv.validateSchema({ ...published['events.schema.json'], type: 'event' })).toBe(false);
});
