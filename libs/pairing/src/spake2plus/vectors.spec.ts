import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hide } from '../hidden.js';
import { nodeScrypt } from '../node-scrypt.js';
import { readPoint, writePoint } from './group.js';
import { keysOf, transcriptOf } from './key-schedule.js';
import { Prover } from './prover.js';
import { SCRYPT_COSTS, portableScrypt } from './scrypt.js';
import { proverSecret, verifierRecord } from './registration.js';
import { Verifier } from './verifier.js';

interface Exchange {
  context: string;
  w0: string;
  w1: string;
  x: string;
  y: string;
}

interface Rfc extends Exchange, Record<'idProver' | 'idVerifier' | 'L' | 'shareP' | 'shareV' | 'Z' | 'V', string> {
  TT_hex: string;
  K_main: string;
  K_shared: string;
  confirmP: string;
  confirmV: string;
}

interface Registered extends Record<'pw' | 'idProver' | 'idVerifier' | 'salt_hex' | 'w0' | 'w1' | 'L', string> {
  pbkdf: string;
}

const file = new URL('../../../../test/vectors/rfc9383-spake2plus.json', import.meta.url);
const vectors: {
  vectors: Rfc[];
  derived_registration: { vectors: Registered[] };
  draft01_contrast: Exchange & Record<'X' | 'Y' | 'hAY' | 'hBX', string>;
} = JSON.parse(readFileSync(file, 'utf8'));

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const drawing = (text: string) => ({ bytes: () => Buffer.from(text, 'hex') });
const secretOf = ({ w0, w1 }: { w0: string; w1: string }) => hide({ w0: BigInt(`0x${w0}`), w1: BigInt(`0x${w1}`) });

describe.each(vectors.vectors)('RFC 9383 appendix C: $context', (rfc) => {
  const secret = secretOf(rfc);
  const record = verifierRecord(secret);
  const terms = { context: Buffer.from(rfc.context), idProver: rfc.idProver, idVerifier: rfc.idVerifier };
  const exchanged = {
    shareP: bytes(rfc.shareP),
    shareV: bytes(rfc.shareV),
    Z: readPoint(bytes(rfc.Z)),
    V: readPoint(bytes(rfc.V)),
    w0: secret.reveal().w0,
  };

  test('the record', () => expect(hex(writePoint(record.reveal().L))).toBe(rfc.L));

  test('the transcript, and the keys made of it', () => {
    const tt = transcriptOf(terms, exchanged);
    expect(hex(tt)).toBe(rfc.TT_hex);
    expect(createHash('sha256').update(tt).digest('hex')).toBe(rfc.K_main);
    const keys = keysOf(terms, exchanged);
    expect({ ...keys, shared: hex(keys.shared.reveal()) }).toEqual({
      confirmP: bytes(rfc.confirmP),
      confirmV: bytes(rfc.confirmV),
      shared: rfc.K_shared,
    });
  });

  test('both ends, whole', () => {
    const prover = new Prover(secret, drawing(rfc.x));
    const verifier = new Verifier(record, terms, prover.share, drawing(rfc.y));
    expect([hex(prover.share), hex(verifier.share), hex(verifier.confirmV)]).toEqual([
      rfc.shareP,
      rfc.shareV,
      rfc.confirmV,
    ]);
    const proved = prover.judge(terms, verifier.share, verifier.confirmV);
    if (proved.kind !== 'confirmed') throw new Error('the prover refused');
    expect([hex(proved.confirmP), hex(proved.shared.reveal())]).toEqual([rfc.confirmP, rfc.K_shared]);
    const verified = verifier.judge(proved.confirmP);
    if (verified.kind !== 'confirmed') throw new Error('the verifier refused');
    expect(hex(verified.shared.reveal())).toBe(rfc.K_shared);
  });
});

describe.each(vectors.derived_registration.vectors)('the record of $pw, as Python computed it', (given) => {
  test.each([
    ['in JavaScript', portableScrypt],
    ['in a thread of Node', nodeScrypt],
  ])('%s', async (_name, scrypt) => {
    const { N, r, p } = SCRYPT_COSTS[1];
    expect(given.pbkdf).toBe(`scrypt N=${N} r=${r} p=${p} dkLen=80`);
    const password = hide<Uint8Array>(Buffer.from(given.pw));
    const secret = await proverSecret(password, given, { salt: bytes(given.salt_hex), scrypt });
    expect(secret.reveal()).toEqual(secretOf(given).reveal());
    expect(hex(writePoint(verifierRecord(secret).reveal().L))).toBe(given.L);
  });
});

test('an older draft has the same shares, and other confirmations', () => {
  const draft = vectors.draft01_contrast;
  const secret = secretOf(draft);
  const terms = { context: Buffer.from(draft.context), idProver: '', idVerifier: '' };
  const prover = new Prover(secret, drawing(draft.x));
  const verifier = new Verifier(verifierRecord(secret), terms, prover.share, drawing(draft.y));
  expect([hex(prover.share), hex(verifier.share)]).toEqual([draft.X, draft.Y]);
  expect([draft.hAY, draft.hBX]).not.toContain(hex(verifier.confirmV));
});
