import { describe, expect, test } from '@jest/globals';
import { testKey } from '../../test/logs.js';
import { outcomeOf } from '../../test/refusals.js';
import { c2sp, go } from '../../test/vectors.js';
import { cosignatureSigner, cosignatureVerifier, cosignedAtSeconds, verifierOf } from '../cosignatures/index.js';
import { parseNote, parseVerifierKey, signNote } from '../notes/index.js';
import { TlogError } from '../tlog-error.js';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './index.js';

const verifier = (who: keyof typeof go.keys) => verifierOf(parseVerifierKey(go.keys[who].verifier));
const root = Buffer.from(go.checkpoint.root, 'base64');
const { origin, size, note } = go.checkpoint;
const seedOf = (who: keyof typeof go.keys) => Buffer.from(go.keys[who].seed, 'base64');
const log = testKey(origin, seedOf('log'));
const witness = testKey('witness.example/w1', seedOf('witness'));

test("the example of tlog-cosignature is read: three lines, and the witness's time", () => {
  const { text, signatures } = parseNote(c2sp.cosigned);
  const checkpoint = parseCheckpoint(text);
  expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163, extensions: [] });
  expect(formatCheckpoint(checkpoint)).toBe(text);
  expect(cosignedAtSeconds(signatures[1]!.signature)).toBe(1679315147);
});

describe("Go's checkpoint, signed and cosigned", () => {
  test('opens, with the time of the witness', () => {
    const opened = openCheckpoint(note, verifier('log'), [verifier('witness')]);
    expect({ ...opened, root: Buffer.from(opened.root) }).toMatchObject({ origin, size, root, extensions: [] });
    expect(opened.cosignatures.map(({ signature }) => cosignedAtSeconds(signature))).toEqual([
      go.checkpoint.cosigned_at_seconds,
    ]);
  });

  test('comes of the same keys and time', async () => {
    const text = formatCheckpoint({ origin, size, root });
    const cosigner = cosignatureSigner(witness, go.checkpoint.cosigned_at_seconds);
    expect(await signNote({ text, signatures: [] }, [log.signer, cosigner])).toBe(note);
  });

  test('is not believed on the word of a witness alone', async () => {
    const byWitness = await signNote({ text: formatCheckpoint({ origin, size, root }), signatures: [] }, [
      cosignatureSigner(witness, 1),
    ]);
    expect(await outcomeOf(() => openCheckpoint(byWitness, verifier('log'), [verifier('witness')]))).toBe('unsigned');
  });

  test("is not another log's", async () => {
    const text = formatCheckpoint({ origin: 'example.com/other', size, root });
    const other = await signNote({ text, signatures: [] }, [log.signer]);
    expect(await outcomeOf(() => openCheckpoint(other, verifier('log')))).toBe('origin');
  });

  test('a signature of the log is no cosignature, nor the other way round', async () => {
    const text = formatCheckpoint({ origin, size, root });
    const asWitness = await signNote({ text, signatures: [] }, [cosignatureSigner(log, 1)]);
    expect(await outcomeOf(() => openCheckpoint(asWitness, verifier('log')))).toBe('unsigned');
    const key = { ...parseVerifierKey(go.keys.witness.verifier) };
    const plain = await signNote({ text, signatures: [] }, [{ ...witness.signer, id: key.id }, log.signer]);
    expect(await outcomeOf(() => openCheckpoint(plain, verifier('log'), [cosignatureVerifier(key)]))).toBe('signature');
  });
});

describe('what is no checkpoint', () => {
  const text = formatCheckpoint({ origin, size, root, extensions: ['more', 'and more'] });
  const [, , rootLine = ''] = text.split('\n');

  test('extension lines are kept', () => {
    expect(parseCheckpoint(text)).toMatchObject({ extensions: ['more', 'and more'] });
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
    expect(parseCheckpoint(text.replace(String(size), '0')).size).toBe(0);
    expect(parseCheckpoint(text.replace(String(size), '9007199254740991')).size).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ['nothing', '', 'checkpoint', undefined],
    ['two lines', `${origin}\n${size}\n`, 'checkpoint', undefined],
    ['a last line without its end', text.trimEnd(), 'checkpoint', undefined],
    ['no origin', text.replace(origin, ''), 'checkpoint', 1],
    ['an empty extension', text.replace('more', ''), 'checkpoint', 4],
    ['a leading zero', text.replace(String(size), `0${size}`), 'checkpoint', 2],
    ['a sign', text.replace(String(size), `+${size}`), 'checkpoint', 2],
    ['a hexadecimal size', text.replace(String(size), '0x10'), 'checkpoint', 2],
    ['2^53 leaves', text.replace(String(size), '9007199254740992'), 'size', 2],
    ['a size of a thousand digits', text.replace(String(size), '9'.repeat(1000)), 'size', 2],
    ['a root of 31 bytes', text.replace(rootLine, root.subarray(1).toString('base64')), 'checkpoint', 3],
    ['a root in hexadecimal', text.replace(rootLine, root.toString('hex')), 'checkpoint', 3],
  ])('%s', async (_, wrong, kind, line) => {
    const error = await Promise.resolve(wrong)
      .then(parseCheckpoint)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TlogError);
    expect(error).toMatchObject({ kind, line });
  });

  test('is not written either', async () => {
    const good = { origin, size, root };
    for (const [kind, wrong] of [
      ['checkpoint', { ...good, origin: '' }],
      ['checkpoint', { ...good, origin: 'two\nlines' }],
      ['checkpoint', { ...good, extensions: [''] }],
      ['size', { ...good, size: 1.5 }],
      ['size', { ...good, size: 2 ** 53 }],
      ['hash', { ...good, root: root.subarray(1) }],
    ] as const)
      expect(await outcomeOf(() => formatCheckpoint(wrong))).toBe(kind);
  });
});

describe('times', () => {
  test.each([-1, 0.5, NaN, 2 ** 53])('%d seconds are none', async (atSeconds) => {
    expect(await outcomeOf(() => cosignatureSigner(witness, atSeconds))).toBe('time');
  });

  test('later than a number holds, or none at all, are refused', async () => {
    expect(await outcomeOf(() => cosignedAtSeconds(Buffer.alloc(72, 0x7f)))).toBe('time');
    expect(await outcomeOf(() => cosignedAtSeconds(Buffer.alloc(7)))).toBe('time');
  });
});
