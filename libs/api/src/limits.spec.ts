import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { IsEmail } from 'class-validator';
import fc from 'fast-check';
import * as contracts from '@countersign/contracts';
import { parseMessage } from '@countersign/contracts';
import { documents } from './documents.js';
import { limitsOf } from './limits.js';
import type { Schema } from './schema.js';

const { schemas } = documents()['asyncapi.json'].components;
const requests = Object.entries(schemas).filter(([, { additionalProperties }]) => additionalProperties === false);
const ajv = new Ajv2020({ strict: false });
/** A part of the document, which may refer to others. */
const compiled = (schema: Schema) => ajv.compile({ ...schema, components: { schemas } });

/** Texts and numbers at and around the limits that the messages have, and what is no text or number at all. */
const value = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'totp', 'hotp', 'SHA1', 'sha1', '0123456789ab', '0'.repeat(20), 0.5),
  fc.constantFrom(-1, 0, 1, 5, 6, 8, 9, 10, 200, 201, 300, 301, 20_000, 20_001, 2 ** 53, -100_000_000_001),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.integer({ min: 0, max: 258 }).map((length) => 'a'.repeat(length)),
  fc.integer({ min: 4, max: 12 }).map((length) => '7'.repeat(length)),
  fc.uint8Array({ minLength: 23, maxLength: 137 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ minLength: 65, maxLength: 65 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.array(fc.constantFrom<unknown>('a', 'b', 'c', '', 'a\nb', 7), { maxLength: 9 }),
);

/** A message of these fields, each sometimes missing, and sometimes a field too many. */
const messageOf = ({ properties = {} }: Schema): fc.Arbitrary<Record<string, unknown>> =>
  fc.record<Record<string, unknown>>(
    { ...Object.fromEntries(Object.keys(properties).map((field) => [field, value])), more: fc.constant(1) },
    { requiredKeys: [] },
  );

const everyFieldWrong = ({ properties = {} }: Schema): Record<string, unknown> =>
  Object.fromEntries([...Object.keys(properties), 'more'].map((field) => [field, { no: 'field is this' }]));

/** The fields that the services would find wrong. */
function wrongIn(type: new () => object, message: object): string[] {
  try {
    parseMessage(type, message);
    return [];
  } catch (failure) {
    const { fields = [] } = failure as contracts.Failure;
    return [...new Set(fields.map(({ field }) => field.split('.')[0] as string))].sort(); // of a list: the list
  }
}

describe('the published schema of a request says exactly what the services enforce', () => {
  test.each(requests)('%s, field by field', (name, schema) => {
    const type = (contracts as unknown as Record<string, new () => object>)[name] as new () => object;
    const { properties = {}, required = [] } = schema;
    const fields = Object.entries(properties).map(([field, of]) => [field, compiled(of)] as const);
    const whole = compiled(schema);
    fc.assert(
      fc.property(messageOf(schema), (message) => {
        const wrong = fields.filter(([field, valid]) =>
          field in message ? !valid(message[field]) : required.includes(field),
        );
        const unknown = 'more' in message ? ['more'] : [];
        const expected = [...wrong.map(([field]) => field), ...unknown].sort();
        expect(wrongIn(type, message)).toEqual(expected);
        expect(whole(message)).toBe(expected.length === 0);
      }),
      { numRuns: 100, examples: [[everyFieldWrong(schema)]] },
    );
  });

  test('there are as many as there are kinds of requests', () => {
    expect(requests.length).toBeGreaterThanOrEqual(10);
  });
});

test('a rule that has no counterpart is not left out in silence', () => {
  class Letter {
    @IsEmail()
    to!: string;
  }
  expect(() => limitsOf(Letter)).toThrow('Letter.to: say in limits.ts what isEmail means');
});
