import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Deadline } from '@countersign/bus';
import { Failure, MAX_BATCH } from '@countersign/contracts';
import type {
  ChallengeItem,
  ImportKeyRequest,
  MatchItem,
  MatchResult,
  ProvisionRequest,
  RedeemReply,
  RekeyRequest,
  WrappedSeedItem,
} from '@countersign/contracts';
import { counterBytes, hotp } from '@countersign/oath';
import {
  beginExchange,
  checkAttestation,
  fromBase64url,
  rekeyProofMessage,
  rekeySealMessageOf,
  wrapForImport,
} from '@countersign/pairing';
import type { PairedParameters } from '@countersign/pairing';
import { Log, Secret } from '@countersign/runtime';
import { RecipientKey, makeRecipient, openCode, openSheet } from '@countersign/sealing';
import { readRecipients } from './challenges/recipients.js';
import type { Recipients } from './challenges/recipients.js';
import { HsmTrouble } from './driver/hsm-driver.js';
import { Pkcs11Driver } from './driver/pkcs11/index.js';
import type { Pkcs11Settings } from './driver/pkcs11/index.js';
import { KeysService } from './keys.service.js';
import { MAX_MISSES } from './limits/misses.js';
import { parametersFor } from './testing/parameters.js';
import { SoftHsm } from './testing/soft-token.js';

const silent = new Log('test', 'error', () => undefined);
const clock = { now: () => 1_700_000_000_000 };
const parameters = parametersFor('SHA1');
const seed = Buffer.from('12345678901234567890');

describe('the key service on SoftHSM', () => {
  let soft: SoftHsm;
  let settings: Pkcs11Settings;
  let driver: Pkcs11Driver;
  let keys: KeysService;
  let recipients: Recipients;
  const opening = new Map<string, RecipientKey>();

  beforeAll(async () => {
    const made = await Promise.all(['delivery', 'acme/app'].map(makeRecipient));
    const pinned = readRecipients(JSON.stringify(made.map(({ publicText }) => publicText)));
    recipients = { find: (name) => pinned.get(name) };
    for (const { privateText } of made) {
      const key = await RecipientKey.read(privateText);
      opening.set(key.name, key);
    }
    soft = await SoftHsm.create();
    settings = soft.ceremony('service');
    driver = Pkcs11Driver.open(settings, clock, silent);
    keys = new KeysService(
      driver,
      { clock, pinned: settings.pinned, auditOrigin: 'example.org/log', recipients },
      silent,
    );
  });
  afterAll(async () => {
    await driver.close();
    soft[Symbol.dispose]();
  });

  const importing = (): ImportKeyRequest => {
    const { pinned } = settings;
    const wrapping = {
      seed: new Secret(seed),
      parameters,
      importKey: pinned.import,
      pinnedIdentityKey: pinned.identity,
    };
    const { point, wrapped } = wrapForImport(wrapping);
    return { point, seeds: [{ ...parameters, wrapped }] };
  };
  const importedReference = async (): Promise<string> => {
    const [result] = (await keys.import(importing())).results;
    if (result?.kind !== 'imported') throw new Error(result?.kind);
    return result.reference;
  };

  const item = (reference: string, change: Partial<MatchItem> = {}): MatchItem => {
    const { tenant, account, device, epoch } = parameters;
    const rest = { algorithm: 'SHA1', digits: 6, from: 0, count: 10, floor: 0, code: '287082' } as const;
    return { reference, tenant, account, device, epoch, ...rest, ...change };
  };

  test('enrol, match, check the receipt', async () => {
    const exchange = beginExchange();
    const request: ProvisionRequest = { ...parameters, point: exchange.point };
    const made = await keys.provision(request);
    const key = exchange.finish({ ...parameters, ...made }, settings.pinned.identity, parameters);
    const code = hotp(key, 4, { algorithm: 'SHA1', digits: 6 });
    const { results } = await keys.match({ items: [item(made.reference, { code })] });
    const [match] = results as [Extract<MatchResult, { kind: 'match' }>];
    expect(match).toMatchObject({ kind: 'match', counter: 4 });
    const { tenant, account, device, epoch } = parameters;
    const receipt = { tenant, account, device, epoch, counter: 4, receipt: match.receipt };
    const changed = `${match.receipt.startsWith('A') ? 'B' : 'A'}${match.receipt.slice(1)}`;
    const receipts = [
      receipt,
      { ...receipt, counter: 5 },
      { ...receipt, tenant: 'beta' },
      { ...receipt, receipt: changed },
    ];
    expect(await keys.check({ receipts })).toEqual({ valid: [true, false, false, false], validChallenges: [] });
  });

  test('an item that is malformed or strange does not spoil its neighbours', async () => {
    const reference = await importedReference();
    const items = [
      item(reference),
      { ...item(reference), digits: 12 },
      null,
      item('no-such-key'),
      item(reference, { code: '755224', floor: 1 }),
      item(reference, { count: 1 }),
    ];
    const { results } = await keys.match({ items });
    expect(results.map((result) => result.kind)).toEqual([
      'match',
      'unknown-key',
      'unknown-key',
      'unknown-key',
      'match',
      'none',
    ]);
    expect(results[0]).toMatchObject({ counter: 1 });
    expect(results[4]).toMatchObject({ counter: 0 });
  });

  test('a batch of sixty-four is answered in order', async () => {
    const reference = await importedReference();
    const items = Array.from({ length: MAX_BATCH }, (_, at) =>
      item(reference, { from: at, count: 1, code: hotp(new Secret(seed), at, { algorithm: 'SHA1', digits: 6 }) }),
    );
    const { results } = await keys.match({ items });
    expect(results.map((result) => (result.kind === 'match' ? result.counter : result.kind))).toEqual([
      ...items.keys(),
    ]);
  });

  test.each([
    [{}],
    [{ items: [] }],
    [{ items: 'x' }],
    [null],
    [{ items: Array(65).fill(null) }],
    [{ items: [null], x: 1 }],
  ])('batch %j is refused', async (batch) => {
    await expect(keys.match(batch)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  const unopened: [string, (seed: WrappedSeedItem) => void][] = [
    ['another device', (seed) => (seed.device = 'zzzzzzzzzzzz')],
    ['other digits', (seed) => (seed.profile = { ...seed.profile, digits: 7 })],
    ['a changed blob', (seed) => (seed.wrapped = Buffer.alloc(32).toString('base64url'))],
    ['a blob of 25 bytes', (seed) => (seed.wrapped = Buffer.alloc(25).toString('base64url'))],
    ['a seed too short for the hash', (seed) => (seed.profile = { ...seed.profile, algorithm: 'SHA512' })],
  ];
  test.each(unopened)('a seed for %s does not open, and its neighbour does', async (_name, change) => {
    const { point, seeds } = importing();
    const other = structuredClone(seeds[0]!);
    change(other);
    const { results } = await keys.import({ point, seeds: [other, ...seeds] });
    expect(results).toEqual([{ kind: 'unopened' }, { kind: 'imported', reference: expect.any(String) }]);
  });

  test('seeds from a point off the curve are INVALID_ARGUMENT', async () => {
    const request = { ...importing(), point: Buffer.alloc(65, 4).toString('base64url') };
    await expect(keys.import(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('more seeds than one turn of the HSM takes are answered in order', async () => {
    const { point, seeds } = importing();
    const bad = { ...seeds[0]!, wrapped: Buffer.alloc(32).toString('base64url') };
    const many = Array.from({ length: 20 }, (_, at) => (at % 3 === 0 ? bad : seeds[0]!));
    const { results } = await keys.import({ point, seeds: many });
    expect(results.map(({ kind }) => kind)).toEqual(many.map((one) => (one === bad ? 'unopened' : 'imported')));
  });

  describe('a re-key', () => {
    const point = beginExchange();
    const next = { ...parameters, epoch: 2 };
    const rekeying = (reference: string, present = seed, of: PairedParameters = next): RekeyRequest => {
      const message = rekeyProofMessage({ ...of, point: fromBase64url(point.point, 'point') });
      const proof = createHmac('sha1', present).update(message).digest('base64url');
      return { ...of, reference, point: point.point, proof };
    };

    test('makes the next key for whoever proves the present one, sealed by it', async () => {
      const reference = await importedReference();
      const answer = await keys.rekey(rekeying(reference));
      if (answer.kind !== 'made') throw new Error(answer.kind);
      const { seal, reference: fresh } = answer;
      const own = fromBase64url(point.point, 'point');
      const message = rekeySealMessageOf({ ...next, ...answer }, own);
      expect(createHmac('sha1', seed).update(message).digest('base64url')).toBe(seal);
      const key = point.finish({ ...next, ...answer }, settings.pinned.identity, next);
      const code = hotp(key, 4, { algorithm: 'SHA1', digits: 6 });
      const { results } = await keys.match({
        items: [item(fresh, { code, epoch: 2 }), item(fresh, { code }), item(reference, { code })],
      });
      expect(results.map(({ kind }) => kind)).toEqual(['match', 'none', 'none']);
      const proof = createHmac('sha1', key.reveal());
      proof.update(rekeyProofMessage({ ...next, epoch: 3, point: own }));
      const third = { ...next, epoch: 3, reference: fresh, point: point.point, proof: proof.digest('base64url') };
      expect(await keys.rekey(third)).toMatchObject({ kind: 'made' });
    });

    const wrong: [string, (request: RekeyRequest) => RekeyRequest][] = [
      ['by another key', ({ reference }) => rekeying(reference, Buffer.alloc(20, 9))],
      ['for another epoch', (request) => ({ ...request, proof: rekeying('', seed, { ...next, epoch: 3 }).proof })],
      [
        'for another account',
        (request) => ({ ...request, proof: rekeying('', seed, { ...next, account: 'z'.repeat(20) }).proof }),
      ],
      ['for another point', (request) => ({ ...request, point: beginExchange().point })],
      [
        'cut short',
        (request) => ({
          ...request,
          proof: Buffer.from(request.proof, 'base64url').subarray(0, 16).toString('base64url'),
        }),
      ],
      [
        'that is a code',
        (request) => ({ ...request, proof: createHmac('sha1', seed).update(counterBytes(2)).digest('base64url') }),
      ],
    ];
    test.each(wrong)('with a proof %s makes nothing', async (_name, change) => {
      const reference = await importedReference();
      const made = jest.spyOn(driver, 'provision');
      expect(await keys.rekey(change(rekeying(reference)))).toEqual({ kind: 'not-proved' });
      expect(made).not.toHaveBeenCalled();
      made.mockRestore();
    });

    test('for a key that does not stand for this device makes nothing', async () => {
      const reference = await importedReference();
      const other = { ...next, device: 'zzzzzzzzzzzz' };
      expect(await keys.rekey(rekeying(reference, seed, other))).toEqual({ kind: 'unknown-key' });
      expect(await keys.rekey(rekeying('x'))).toEqual({ kind: 'unknown-key' });
    });

    test('after thirty wrong proofs the right one is not looked at, and codes are', async () => {
      const fresh = new KeysService(driver, { clock, pinned: settings.pinned, auditOrigin: 'x', recipients }, silent);
      const reference = await importedReference();
      const bad = rekeying(reference, Buffer.alloc(20, 9));
      for (let at = 0; at < MAX_MISSES; at++) expect(await fresh.rekey(bad)).toEqual({ kind: 'not-proved' });
      expect(await fresh.rekey(rekeying(reference))).toEqual({ kind: 'refused', retryAfterMs: 60_000 });
      expect((await fresh.match({ items: [item(reference)] })).results).toMatchObject([{ kind: 'match' }]);
    });

    test('is the only way to a key that is not the first', async () => {
      const reference = await importedReference();
      const bad = { code: 'INVALID_ARGUMENT' };
      await expect(keys.provision({ ...next, point: point.point })).rejects.toMatchObject(bad);
      await expect(keys.rekey({ ...rekeying(reference), epoch: 1 })).rejects.toMatchObject(bad);
    });
  });

  test('attest signs how a device stands, for one challenge', async () => {
    const { tenant, account, device } = parameters;
    const challenge = Buffer.alloc(32, 3);
    const said = { tenant, account, device, epoch: 2, status: 'active' as const, at: clock.now() };
    const { signature } = await keys.attest({ ...said, challenge: challenge.toString('base64url') });
    const { identity } = settings.pinned;
    expect(() => checkAttestation({ ...said, signature }, { ...said, challenge }, identity)).not.toThrow();
  });

  describe('codes of challenges', () => {
    const challenge = '0123456789abcdef';
    const plain: ChallengeItem = {
      tenant: 'acme',
      account: parameters.account,
      challenge,
      purpose: 'payment',
      context: Buffer.alloc(32, 1).toString('base64url'),
      nonce: Buffer.alloc(16, 2).toString('base64url'),
      form: { kind: 'digits', length: 6 },
    };
    const codeOf = async (item: ChallengeItem, recipient = 'delivery'): Promise<string> => {
      const issued = await keys.issue({ ...item, recipient });
      if (issued.kind !== 'issued') throw new Error(issued.kind);
      return openCode(opening.get(recipient)!, item, fromBase64url(issued.sealed, 'sealed'));
    };

    test('what was sealed is redeemed, with a receipt that is valid for that challenge alone', async () => {
      const code = await codeOf(plain);
      expect(code).toMatch(/^[0-9]{6}$/);
      const answer = await keys.redeem({ ...plain, code });
      const { receipt } = answer as Extract<RedeemReply, { kind: 'match' }>;
      const { tenant, account } = plain;
      const item = { tenant, account, challenge, receipt };
      const others = [{ challenge: 'f'.repeat(16) }, { account: 'z'.repeat(20) }, { tenant: 'beta' }];
      const challenges = [item, ...others.map((other) => ({ ...item, ...other }))];
      expect(await keys.check({ challenges })).toEqual({
        valid: [],
        validChallenges: [true, false, false, false],
      });
    });

    test('each recipient gets the same code, and so does who asks again; the reply does not show it', async () => {
      const code = await codeOf(plain);
      expect(await codeOf(plain, 'acme/app')).toBe(code);
      expect(JSON.stringify(await keys.issue({ ...plain, recipient: 'delivery' }))).not.toContain(code);
    });

    test('nothing is sealed to anybody who is not pinned', async () => {
      const asked = keys.issue({ ...plain, recipient: 'acme/ops' });
      expect(await asked).toEqual({ kind: 'unknown-recipient' });
    });

    test.each<[string, Partial<ChallengeItem>]>([
      ['tenant', { tenant: 'beta' }],
      ['account', { account: 'z'.repeat(20) }],
      ['challenge', { challenge: 'f'.repeat(16) }],
      ['purpose', { purpose: 'sign-in' }],
      ['no purpose', { purpose: undefined }],
      ['context', { context: Buffer.alloc(32, 9).toString('base64url') }],
      ['nonce', { nonce: Buffer.alloc(16, 9).toString('base64url') }],
    ])('another %s is another code', async (_name, change) => {
      const letters = { ...plain, form: { kind: 'letters', length: 10 } } as const;
      const code = await codeOf(letters);
      expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{10}$/);
      expect(await keys.redeem({ ...letters, code })).toMatchObject({ kind: 'match' });
      expect(await keys.redeem({ ...letters, ...change, code })).toEqual({ kind: 'none' });
    });

    test('a code of another length or alphabet is no match, and a form that is none is INVALID_ARGUMENT', async () => {
      const code = await codeOf(plain);
      for (const other of [`0${code}`, `${code}0`, 'BCDFGH']) {
        expect(await keys.redeem({ ...plain, code: other })).toEqual({ kind: 'none' });
      }
      for (const length of [4, 5, 9, 10]) {
        const form = { kind: 'digits', length } as const;
        await expect(keys.redeem({ ...plain, form, code })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        const issue = keys.issue({ ...plain, form, recipient: 'delivery' });
        await expect(issue).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
    });

    test('the challenges of one account share a cap: after thirty wrong codes nothing is looked at', async () => {
      const fresh = new KeysService(driver, { clock, pinned: settings.pinned, auditOrigin: 'x', recipients }, silent);
      const code = await codeOf(plain);
      for (let at = 0; at < MAX_MISSES; at++) {
        const other = { ...plain, challenge: String(at).padStart(16, '0') };
        expect(await fresh.redeem({ ...other, code: '00000000' })).toEqual({ kind: 'none' });
        expect(await fresh.redeem({ ...plain, account: 'y'.repeat(20), code })).toMatchObject({ kind: 'none' });
        if (at === 3) expect(await fresh.redeem({ ...plain, code })).toMatchObject({ kind: 'match' }); // costs nothing
      }
      expect(await fresh.redeem({ ...plain, code })).toEqual({ kind: 'refused', retryAfterMs: 60_000 });
    });

    test('trouble of the HSM is UNAVAILABLE, and no guess', async () => {
      const sick = Object.assign(Object.create(driver) as Pkcs11Driver, {
        mac: () => Promise.reject(new HsmTrouble('CKR_DEVICE_ERROR C_Sign')),
      });
      const service = new KeysService(sick, { clock, pinned: settings.pinned, auditOrigin: 'x', recipients }, silent);
      for (let at = 0; at <= MAX_MISSES; at++)
        await expect(service.redeem({ ...plain, code: '000000' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });

  describe('sheets', () => {
    const of = { tenant: 'acme', account: parameters.account, device: 'mnpqrstvwxyz' };
    const made = async (codes: number) => {
      const answer = await keys.sheet({ ...of, codes, recipient: 'acme/app' });
      if (answer.kind !== 'made') throw new Error(answer.kind);
      const sealed = fromBase64url(answer.sealed, 'sealed');
      return { reference: answer.reference, codes: await openSheet(opening.get('acme/app')!, of, sealed) };
    };
    const asked = (reference: string, code: string, change: Partial<MatchItem> = {}): MatchItem => ({
      ...{ ...of, reference, epoch: 1, algorithm: 'SHA256', digits: 10, format: 'recovery' },
      ...{ from: 0, count: 100, floor: 0, code: code.replace('-', ''), ...change },
    });

    test('a hundred codes are sealed, all different, and each matches its place', async () => {
      const { reference, codes } = await made(100);
      expect([codes.length, new Set(codes).size]).toEqual([100, 100]);
      for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
      const places = [0, 31, 32, 64, 99];
      const { results } = await keys.match({ items: places.map((place) => asked(reference, codes[place]!)) });
      expect(results.map((result) => (result.kind === 'match' ? result.counter : result.kind))).toEqual(places);
      const elsewhere = asked(reference, codes[0]!, { device: '0123456789ab' });
      expect((await keys.match({ items: [elsewhere] })).results).toEqual([{ kind: 'none' }]);
    });

    test('each is a key of its own, and is for who is pinned', async () => {
      const [one, two] = [await made(3), await made(3)];
      expect(one.reference).not.toBe(two.reference);
      expect(one.codes).not.toEqual(two.codes);
      const unpinned = await keys.sheet({ ...of, codes: 3, recipient: 'acme/ops' });
      expect(unpinned).toEqual({ kind: 'unknown-recipient' });
    });

    test('a long range is for codes of sheets alone', async () => {
      const { reference, codes } = await made(1);
      const { format: _format, ...digits } = asked(reference, '123456', { digits: 6 });
      const items = [digits, asked(reference, codes[0]!, { count: 101 })];
      expect((await keys.match({ items })).results).toEqual([{ kind: 'unknown-key' }, { kind: 'unknown-key' }]);
    });
  });

  test('sign makes a checkpoint note that anybody with the public key can check (C2SP signed-note)', async () => {
    const root = createHash('sha256').digest();
    const { note } = await keys.sign({ size: 7, root: root.toString('base64url') });
    const [text, line] = note.split(/(?<=\n)\n/) as [string, string];
    expect(text).toBe(`example.org/log\n7\n${root.toString('base64')}\n`);
    const [dash, name, blob] = line.trimEnd().split(' ') as [string, string, string];
    expect([dash, name]).toEqual(['—', 'example.org/log']);
    const x = settings.pinned.audit;
    const id = createHash('sha256')
      .update('example.org/log\n')
      .update(Buffer.from([1]))
      .update(Buffer.from(x, 'base64url'));
    const bytes = Buffer.from(blob, 'base64');
    expect(bytes.subarray(0, 4)).toEqual(id.digest().subarray(0, 4));
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from(text), key, bytes.subarray(4))).toBe(true);
  });

  test('trouble of the HSM is UNAVAILABLE for the whole batch, and says nothing about it', async () => {
    const sick = Object.assign(Object.create(driver) as Pkcs11Driver, {
      macs: () => Promise.reject(new HsmTrouble('CKR_DEVICE_ERROR C_Sign')),
    });
    const service = new KeysService(sick, { clock, pinned: settings.pinned, auditOrigin: 'x', recipients }, silent);
    const failed = service.match({ items: [item('d1.AAAAAAAAAAAAAAAAAAAAAA')] });
    await expect(failed).rejects.toBeInstanceOf(Failure);
    await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('CKR_') });
  });
  test('what is still to be evaluated when nobody waits any longer is not', async () => {
    let now = 0;
    let evaluated = 0;
    const slow = Object.assign(Object.create(driver) as Pkcs11Driver, {
      macs: () => {
        now += 600;
        evaluated += 1;
        return Promise.resolve({ kind: 'unknown-key' });
      },
    });
    const service = new KeysService(slow, { clock, pinned: settings.pinned, auditOrigin: 'x', recipients }, silent);
    const items = Array.from({ length: 5 }, () => item('d1.AAAAAAAAAAAAAAAAAAAAAA'));
    const deadline = new Deadline(1000, () => now);
    await expect(service.match({ items }, deadline)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(evaluated).toBe(2);
  });
});
