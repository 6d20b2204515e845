import { describe, expect, test } from '@jest/globals';
import { StoredLog, filesIn, parseReceipt, verifyLog } from '@countersign/audit-verifier';
import { parseVerifierKey } from '@countersign/tlog';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { bare, snippetsIn, tableRows, textOf } from './documents.js';

/** The worked example of docs/audit.md, computed from what it begins with, by nothing of ours; and kept in vectors. */
const DOCUMENT = 'docs/audit.md';
const VECTORS = join(root, 'test/vectors/audit');
const RFC8032_TEST_1 = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PKCS8 = '302e020100300506032b657004220420'; // RFC 8410 section 7, before the 32 bytes of a seed
const ORIGIN = 'countersign.example/ledger';

const sha256 = (...parts: (string | Uint8Array)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

const texts = snippetsIn(DOCUMENT).map(({ text }) => text.trimEnd());
const entries = (texts.find((text) => text.startsWith('ledger.acme._tenant\n')) ?? '').split('\n\n');
const leaves = entries.map((entry) => sha256(Buffer.of(0), entry));
const [first, second, third] = leaves as [Buffer, Buffer, Buffer];
const top = node(node(first, second), third).toString('base64');

const key = createPrivateKey({ key: Buffer.from(PKCS8 + RFC8032_TEST_1, 'hex'), format: 'der', type: 'pkcs8' });
const id = Buffer.from('b220fe80', 'hex');
const text = `${ORIGIN}\n3\n${top}\n`;
const note = `${text}\n— ${ORIGIN} ${Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64')}\n`;
const verifier = texts.find((each) => each.startsWith(`${ORIGIN}+`)) ?? '';

describe('the worked example of docs/audit.md', () => {
  test('has these leaves and this root', () => {
    const rows = tableRows(DOCUMENT, 'Worked example', 'leaf').map(([, hash]) => bare(hash));
    expect(rows).toEqual(leaves.map((leaf) => leaf.toString('base64')));
    expect(textOf(DOCUMENT)).toContain(`\`${top}\``);
  });

  test('has this checkpoint, by the key that it names', () => {
    expect(texts).toContain(note.trimEnd());
    const { publicKey } = parseVerifierKey(verifier);
    const typed = Buffer.concat([Buffer.of(1), publicKey]);
    expect(verifier).toBe(
      `${ORIGIN}+${sha256(`${ORIGIN}\n`, typed).toString('hex').slice(0, 8)}+${typed.toString('base64')}`,
    );
  });

  test('is the log of test/vectors/audit, which is right', () => {
    expect(readFileSync(join(VECTORS, 'log/checkpoint'), 'utf8')).toBe(note);
    const log = new StoredLog(filesIn(join(VECTORS, 'log')));
    expect(verifyLog(log, { key: parseVerifierKey(verifier) })).toMatchObject({ head: { size: 3 }, findings: [] });
  });

  test('has this receipt of its second entry', () => {
    expect(parseReceipt(readFileSync(join(VECTORS, 'receipt.json'), 'utf8'))).toEqual({
      format: 'countersign-receipt-v1',
      sequence: 2,
      entry: entries[1],
      proof: [first, third].map((hash) => hash.toString('base64')),
      checkpoint: note,
    });
  });
});
