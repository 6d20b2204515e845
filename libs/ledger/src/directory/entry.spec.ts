import { expect, test } from '@jest/globals';
import { Failure } from '@countersign/contracts';
import fc from 'fast-check';
import { idIn, textIn } from './entry.js';

/** PROPERTY_SEED plays a failing run again. */
const seed = Number(process.env['PROPERTY_SEED'] ?? process.hrtime.bigint() % 2_147_483_647n);
const id = '0123456789abcdefghjk';
const bytes = (text: string): Buffer => Buffer.from(text);

test('an entry is read as it was written', () => {
  expect(idIn(bytes(JSON.stringify({ id, name: 'sealed' })))).toBe(id);
  expect(textIn(bytes(JSON.stringify({ id, name: 'sealed' })), 'name')).toBe('sealed');
});

test.each(['', 'null', '7', '[]', '{}', '{"id":7}', '{"id":null}', '{"id":"short"}', `{"id":["${id}"]}`, '{"id":'])(
  'an entry %j is UNAVAILABLE: the asker made no mistake',
  (text) => {
    expect(() => idIn(bytes(text))).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  },
);

test('whatever bytes lie there, it is an id or UNAVAILABLE', () => {
  const json = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify({ id: value })),
  );
  const any = fc.oneof(json.map(bytes), fc.uint8Array({ maxLength: 60 }));
  const read = fc.property(any, (data) => {
    try {
      return /^[0-9a-z]{20}$/.test(idIn(data));
    } catch (error) {
      return error instanceof Failure && error.code === 'UNAVAILABLE';
    }
  });
  fc.assert(read, { seed, numRuns: 1000 });
});
