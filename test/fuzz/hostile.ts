import fc from 'fast-check';

/** Values and changes that have broken parsers before. Everything shrinks, and replays from its seed. */

const KIBIBYTE = 1024;

const TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '.',
    '*',
    '>',
    'a.b',
    '..',
    '-',
    '_',
    '=',
    '%',
    '%0',
    '%ff',
    '/',
    '\\',
    '"',
    "'",
    '${x}',
    '{{x}}',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'true', '[object Object]'],
  ...[
    '0',
    '-0',
    '-1',
    '1e9',
    '0x10',
    '١٢٣٤٥٦',
    '１２３４５６',
    '123456',
    '123456\n',
    ' 123456',
    '+12345',
    '1'.repeat(20),
  ],
  ...['\ud800', 'a\udc00', '\ufffe', '\u200b', '\u202e', '\u0130', 'ß', 'ﷺ'.repeat(40), 'é', 'e\u0301', '💥'],
  ...['A'.repeat(255), 'A'.repeat(256), 'a'.repeat(257), '='.repeat(20 * KIBIBYTE) + 'A', 'A'.repeat(64 * KIBIBYTE)],
  ...[' '.repeat(20 * KIBIBYTE) + 'x', '%20'.repeat(8 * KIBIBYTE), 'a:'.repeat(8 * KIBIBYTE), '\0'.repeat(KIBIBYTE)],
];

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

const NUMBERS = [0, -0, 1, -1, 0.5, 7, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e-7];
const DEEP = JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown;
const POLLUTING = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"toString":1}'];

/** What JSON can hold. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...NUMBERS, null, true, false, [], {}, [[]], [null], [{}], DEEP) },
  { weight: 1, arbitrary: fc.constantFrom(...POLLUTING).map((text) => JSON.parse(text) as unknown) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 300 }, (_, index) => index)) },
);

export interface Mutated {
  value: unknown;
  /** fields of the whole that are not as they were */
  touched: Set<string>;
}

interface Change {
  at: number;
  how: 'replace' | 'remove' | 'add' | 'wrap' | 'retype' | 'edit';
  value: unknown;
  text: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 200 }),
  how: fc.constantFrom<Change['how']>('replace', 'replace', 'remove', 'add', 'wrap', 'retype', 'edit', 'edit'),
  value: hostileJson,
  text: hostileText,
});

/** One of the samples (whose fields are alike) with up to three changes, or now and then something else altogether. */
export function mutated(...samples: unknown[]): fc.Arbitrary<Mutated> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { maxLength: 3 }))
    .map(([sample, changes]) => changes.reduce<Mutated>(changedBy, unchanged(sample)));
  const all = samples.flatMap((sample) => Object.keys(sample as object));
  const other = hostileJson.map((value): Mutated => ({
    value,
    touched: new Set([...all, ...Object.keys(value ?? {})]),
  }));
  return fc.oneof({ weight: 15, arbitrary: changed }, { weight: 1, arbitrary: other });
}

const unchanged = (sample: unknown): Mutated => ({ value: copyOf(sample), touched: new Set() });

const copyOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (JSON.parse(JSON.stringify(value)) as unknown) : value;

type Plain = Record<string, unknown>;
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function changedBy({ value, touched }: Mutated, { at, how, value: shared, text }: Change): Mutated {
  const other = copyOf(shared); // the next change may be one within it
  if (!isPlain(value)) return { value, touched };
  if (how === 'add' || Object.keys(value).length === 0) {
    put(value, text, other);
    return { value, touched: touched.add(text) };
  }
  const places = placesIn(value);
  const { holder, name, top } = places[at % places.length]!;
  const old = holder[name];
  if (how === 'remove') delete holder[name];
  else if (how === 'replace') put(holder, name, other);
  else if (how === 'wrap') put(holder, name, at % 2 ? [old] : { [text]: old });
  else if (how === 'retype')
    put(holder, name, typeof old === 'string' ? Number(old) || 0 : (JSON.stringify(old) ?? ''));
  else put(holder, name, typeof old === 'string' ? edited(old, at, text) : other);
  return { value, touched: touched.add(top) };
}

/** As JSON.parse does it: `__proto__` becomes a field like any other. */
function put(holder: Plain, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

const DEEPEST = 4;

/** Every field, at every depth that matters. */
function placesIn(value: Plain, above?: string, depth = 1): { holder: Plain; name: string; top: string }[] {
  return Object.entries(value)
    .slice(0, 40)
    .flatMap(([name, inner]) => {
      const top = above ?? name;
      const within = typeof inner === 'object' && inner !== null && depth < DEEPEST;
      return [{ holder: value, name, top }, ...(within ? placesIn(inner as Plain, top, depth + 1) : [])];
    });
}

function edited(text: string, at: number, other: string): string {
  const place = text.length === 0 ? 0 : at % (text.length + 1);
  const cut = text.slice(0, place);
  return [cut, cut + other + text.slice(place), cut + other + text.slice(place + 1), text + text][at % 4] as string;
}

/** A text that is nearly one of the samples, or nothing like them. */
export function mutatedText(...samples: string[]): fc.Arbitrary<string> {
  const near = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), hostileText), { maxLength: 3 }))
    .map(([sample, edits]) => edits.reduce((text, [at, other]) => edited(text, at, other), sample));
  return fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: hostileText });
}

/** Bytes that are nearly one of the samples: some changed, cut off or put in. */
export function mutatedBytes(...samples: Uint8Array[]): fc.Arbitrary<Buffer> {
  const edit = fc.tuple(fc.nat(), fc.constantFrom('set', 'cut', 'insert', 'flip'), fc.uint8Array({ maxLength: 8 }));
  const near = fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 3 })).map(([sample, edits]) =>
    edits.reduce<Buffer>((bytes, [at, how, other]) => {
      const place = at % (bytes.length + 1);
      const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
      if (how === 'cut') return before;
      if (how === 'insert') return Buffer.concat([before, other, after]);
      if (how === 'set') return Buffer.concat([before, other, after.subarray(other.length)]);
      const flipped = Buffer.from(after.subarray(0, 1).map((byte) => byte ^ (1 << (at & 7))));
      return Buffer.concat([before, flipped, after.subarray(1)]);
    }, Buffer.from(sample)),
  );
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 4, arbitrary: near }, { weight: 1, arbitrary: any });
}
