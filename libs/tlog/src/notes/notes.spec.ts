import { describe, expect, test } from '@jest/globals';
import { testKey } from '../../test/logs.js';
import { outcomeOf } from '../../test/refusals.js';
import { c2sp, go } from '../../test/vectors.js';
import {
  TlogError,
  ed25519Verifier,
  formatNote,
  formatVerifierKey,
  keyId,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../index.js';

const key = (who: keyof typeof go.keys) =>
  testKey(parseVerifierKey(go.keys[who].verifier).name, Buffer.from(go.keys[who].seed, 'base64'));
const [log, bob, eve] = [key('log'), key('bob'), key('eve')];
const verifiers = [log, bob].map((each) => ed25519Verifier(each.key));

describe("Go's vectors", () => {
  test.each(['log', 'bob', 'eve'] as const)("the key of %s is written and read as Go's", (who) => {
    const { verifier } = go.keys[who];
    expect(formatVerifierKey(key(who).key)).toBe(verifier);
    expect(parseVerifierKey(verifier)).toEqual(key(who).key);
  });

  test('the same note comes of the same keys, and opens', async () => {
    const { text, note } = go.note;
    expect(await signNote({ text, signatures: [] }, [log.signer, bob.signer])).toBe(note);
    const opened = openNote(note, verifiers);
    expect(opened.text).toBe(text);
    expect(opened.known.map(({ name }) => name)).toEqual([log.name, bob.name]);
    expect(openNote(Buffer.from(note), verifiers)).toEqual(opened);
  });

  test("the example of Go's documentation opens", () => {
    const { note, verifier } = go.peter_neumann;
    expect(openNote(note, [ed25519Verifier(parseVerifierKey(verifier))]).known).toHaveLength(1);
  });
});

test('the example of signed-note is read, and written again as it was', () => {
  const note = parseNote(c2sp.note);
  expect(note.text).toMatch(/^Ognuno sta(?:.*\n)+\ned è subito sera\.\n$/);
  expect(note.signatures).toMatchObject([{ name: 'quasimodo.example/salvatore', id: 0x367ba04b }]);
  expect(formatNote(note)).toBe(c2sp.note);
});

describe('signatures', () => {
  const text = 'some text\n';

  test('of unknown keys are kept, and do not count', async () => {
    const note = await signNote({ text, signatures: [] }, [eve.signer, log.signer]);
    const opened = openNote(note, verifiers);
    expect([opened.known, opened.unknown].map((list) => list.map(({ name }) => name))).toEqual([
      [log.name],
      [eve.name],
    ]);
    expect(formatNote(opened)).toBe(note);
    const byEve = await signNote({ text, signatures: [] }, [eve.signer]);
    expect(await outcomeOf(() => openNote(byEve, verifiers))).toBe('unsigned');
    expect(await outcomeOf(() => openNote(byEve, []))).toBe('unsigned');
  });

  test('a wrong one by a known key spoils the note, whatever else stands there', async () => {
    const { signatures } = parseNote(await signNote({ text: 'another\n', signatures: [] }, [bob.signer]));
    const note = await signNote({ text, signatures }, [log.signer]);
    expect(await outcomeOf(() => openNote(note, verifiers))).toBe('signature');
    expect(await outcomeOf(() => openNote(note, verifiers.slice(0, 1)))).toBe('accepted');
  });

  test('one under the name of another key, or under its id, is that of an unknown key', async () => {
    const underName = { ...eve.signer, name: log.name };
    const underId = { ...eve.signer, id: log.key.id };
    for (const signer of [underName, underId]) {
      const note = await signNote({ text, signatures: [] }, [signer, log.signer]);
      expect(openNote(note, verifiers).unknown).toMatchObject([{ name: signer.name, id: signer.id }]);
    }
    const underBoth = await signNote({ text, signatures: [] }, [{ ...underName, id: log.key.id }]);
    expect(await outcomeOf(() => openNote(underBoth, verifiers))).toBe('signature');
  });

  test('are replaced by the same key, and added to by others', async () => {
    const first = parseNote(await signNote({ text, signatures: [] }, [log.signer, bob.signer]));
    const again = parseNote(await signNote(first, [log.signer]));
    expect(again.signatures.map(({ name }) => name)).toEqual([bob.name, log.name]);
    expect(openNote(formatNote(again), verifiers).known).toHaveLength(2);
  });
});

describe('what is no note', () => {
  const note = go.peter_neumann.note;
  const [text = '', line = ''] = note.split(/(?<=\n)\n/);
  const blob = line.trimEnd().split(' ')[2] as string;
  const looser = blob.slice(0, -2) + 'N='; // the last two bits of base64 mean nothing: other decoders take both
  const refused: [string, string | Uint8Array, number | undefined][] = [
    ['nothing', '', undefined],
    ['text alone', text, undefined],
    ['an empty text', `\n\n${line}`, undefined],
    ['no empty line', `${text}${line}`, undefined],
    ['no signature', `${text}\n`, undefined],
    ['a last line without its end', note.trimEnd(), undefined],
    ['a line too many', `${note}\n`, undefined],
    ['a carriage return', note.replace(/\n/g, '\r\n'), 1],
    ['a tab', note.replace('the answer', 'the\tanswer'), 1],
    ['a lone surrogate', note.replace('then', String.fromCharCode(0xd800)), 2],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(note)]), undefined],
    ['a hyphen for the dash', note.replace('—', '-'), 4],
    ['two spaces', note.replace('— ', '—  '), 4],
    ['a space at the end', note.replace('nAM=', 'nAM= '), 4],
    ['a plus in the name', note.replace('PeterNeumann', 'Peter+Neumann'), 4],
    ['a space in the name', note.replace('PeterNeumann', 'Peter\u2003Neumann'), 4],
    ['no padding', note.replace('nAM=', 'nAM'), 4],
    ['base64 that was not written so', note.replace(blob, looser), 4],
    ['base64 of URLs', note.replace('/', '_'), 4],
    ['an id and nothing more', note.replace(blob, 'x08gow=='), 4],
    ['101 signatures', note + line.repeat(100), undefined],
  ];

  test('the note itself is one, with 100 signatures or a million bytes, too', () => {
    expect(parseNote(note).text).toBe(text);
    expect(parseNote(note + line.repeat(99)).signatures).toHaveLength(100);
    const bytes = Buffer.byteLength(note);
    expect(parseNote(`${'x'.repeat(1_000_000 - bytes - 1)}\n${note}`).signatures).toHaveLength(1);
  });

  test('a million bytes and one', async () => {
    const one = 1_000_001 - Buffer.byteLength(note);
    expect(await outcomeOf(() => parseNote(`${'x'.repeat(one - 1)}\n${note}`))).toBe('note');
  });

  test.each(refused)('%s', async (_, wrong, at) => {
    const error = await Promise.resolve(wrong)
      .then(parseNote)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TlogError);
    expect(error).toMatchObject({ kind: 'note', line: at });
  });

  test('is not written either', async () => {
    const { signatures } = parseNote(note);
    const [only] = signatures;
    for (const wrong of [
      { text: 'no end', signatures },
      { text: '', signatures },
      { text: 'a\ttab\n', signatures },
      { text, signatures: [] },
      { text, signatures: [{ ...only!, name: 'two words' }] },
      { text, signatures: [{ ...only!, signature: new Uint8Array() }] },
    ])
      expect(await outcomeOf(() => formatNote(wrong))).toBe('note');
  });

  test('a byte order mark is one more character, which nobody signed', async () => {
    const verifier = ed25519Verifier(parseVerifierKey(go.peter_neumann.verifier));
    const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(note)]);
    expect(await outcomeOf(() => openNote(marked, [verifier]))).toBe('signature');
  });
});

describe('verifier keys', () => {
  const { verifier } = go.keys.log;
  const [name = '', id = '', encoded = ''] = verifier.split('+');

  test.each([
    ['nothing', ''],
    ['another id', `${name}+${id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))}+${encoded}`],
    ['an id in capitals', `${name}+${id.toUpperCase()}+${encoded}`],
    ['no name', `+${id}+${encoded}`],
    ['a name with a space', `a b+${id}+${encoded}`],
    ['a type that is not known', `${name}+${id}+${Buffer.concat([Buffer.of(2), log.publicKey]).toString('base64')}`],
    [
      'a key too short',
      `${name}+${id}+${Buffer.concat([Buffer.of(1), log.publicKey])
        .subarray(1)
        .toString('base64')}`,
    ],
    ['a line end', `${verifier}\n`],
    ['a private key', `PRIVATE+KEY+${verifier}`],
  ])('%s is none', async (_, text) => {
    expect(await outcomeOf(() => parseVerifierKey(text))).toBe('key');
  });

  test('need a name without spaces and 32 bytes', async () => {
    expect(await outcomeOf(() => verifierKey('a b', 1, log.publicKey))).toBe('key');
    expect(await outcomeOf(() => verifierKey('a', 1, log.publicKey.subarray(1)))).toBe('key');
  });

  test('one key for two types has two ids', () => {
    expect(keyId(name, 1, log.publicKey)).not.toBe(keyId(name, 4, log.publicKey));
  });
});
