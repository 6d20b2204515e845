import { createHmac, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PublicKeys } from '@countersign/contracts';
import {
  ALGORITHMS,
  codeFromMac,
  counterBytes,
  dataInput,
  parseSuite,
  prepareSeed,
  responseFromMac,
} from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import { beginExchange, fromBase64url, makeEphemeral, toBase64url, wrapForImport } from '@countersign/pairing';
import type { PairedParameters } from '@countersign/pairing';
import { Secret, SystemRandom } from '@countersign/runtime';
import { ocraParametersFor, parametersFor } from '../testing/parameters.js';
import type { HsmDriver, KeyUse, MessageKey } from './hsm-driver.js';
import { labelOf } from './labels.js';

/** A driver on a token of its own. */
export interface DriverUnderTest {
  driver: HsmDriver;
  pinned: PublicKeys;
  end(): Promise<void>;
}

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), 'utf8'));

/** What every driver must do, whatever the HSM. */
export function driverSuite(name: string, start: () => Promise<DriverUnderTest>): void {
  describe(`${name} as a driver`, () => {
    let hsm: DriverUnderTest;
    beforeAll(async () => {
      hsm = await start();
    });
    afterAll(async () => {
      await hsm.end();
    });

    const use = (reference: string, parameters: PairedParameters): KeyUse => ({
      kind: 'device',
      reference,
      label: labelOf(parameters),
    });

    const macsOf = async (key: KeyUse, from: number, count = 1): Promise<Buffer[]> => {
      const answer = await hsm.driver.macs(key, from, count);
      if (answer.kind !== 'macs') throw new Error(answer.kind);
      return answer.macs;
    };

    const wrapped = (seed: Secret, parameters: PairedParameters, random = new SystemRandom()) => {
      const sent = wrapForImport({
        seed,
        parameters,
        importKey: hsm.pinned.import,
        pinnedIdentityKey: hsm.pinned.identity,
        random,
      });
      return { parameters, point: fromBase64url(sent.point, 'point'), wrapped: fromBase64url(sent.wrapped, 'wrapped') };
    };

    const importOne = async ({ point, ...one }: ReturnType<typeof wrapped>) =>
      (await hsm.driver.import({ point, seeds: [one] }))[0]!;

    const importSeed = async (seed: Buffer, parameters: PairedParameters): Promise<string> => {
      const prepared = prepareSeed(parameters.profile.algorithm, new Secret(seed));
      const imported = await importOne(wrapped(prepared, parameters));
      if (imported.kind !== 'imported') throw new Error(imported.kind);
      return imported.reference;
    };

    const enrol = async (parameters: PairedParameters) => {
      const exchange = beginExchange();
      const made = await hsm.driver.provision({ parameters, point: fromBase64url(exchange.point, 'point') });
      const answer = {
        ...parameters,
        point: toBase64url(made.point),
        wrapped: toBase64url(made.wrapped),
        keyLength: made.keyLengthBytes,
        signature: toBase64url(made.signature),
      };
      return { made, key: exchange.finish(answer, hsm.pinned.identity, parameters) };
    };

    const rfc4226 = vectors('rfc4226-hotp.json') as {
      secret_hex: string;
      vectors: { counter: number; hmac_sha1_hex: string; otp6: string }[];
    };
    test('all of RFC 4226 appendix D, by an imported seed', async () => {
      const parameters = parametersFor('SHA1');
      const reference = await importSeed(Buffer.from(rfc4226.secret_hex, 'hex'), parameters);
      const macs = await macsOf(use(reference, parameters), 0, 10);
      expect(macs.map((mac) => mac.toString('hex'))).toEqual(rfc4226.vectors.map((row) => row.hmac_sha1_hex));
      expect(macs.map((mac) => codeFromMac(mac, 6))).toEqual(rfc4226.vectors.map((row) => row.otp6));
    });

    const rfc6238 = vectors('rfc6238-totp.json') as {
      secrets_hex: Record<string, string>;
      vectors: { T_hex: string; algorithm: string; otp8: string; unix_time: number }[];
    };
    test.each(ALGORITHMS)('all of RFC 6238 appendix B for %s, by an imported seed', async (algorithm) => {
      const parameters = parametersFor(algorithm);
      const name = algorithm.toLowerCase();
      const reference = await importSeed(Buffer.from(rfc6238.secrets_hex[name]!, 'hex'), parameters);
      const rows = rfc6238.vectors.filter((row) => row.algorithm === name);
      expect(rows.length).toBe(6);
      for (const { T_hex, otp8 } of rows) {
        const [mac] = await macsOf(use(reference, parameters), Number.parseInt(T_hex, 16));
        expect(codeFromMac(mac!, 8)).toBe(otp8);
      }
    });

    const rfc6287 = vectors('rfc6287-ocra.json') as {
      pin_sha1_hex: string;
      vectors: { suite: string; key_hex: string; Q: string; C?: number; T?: string; ocra: string }[];
    };
    test.each([...new Set(rfc6287.vectors.map(({ suite }) => suite))])(
      'all of RFC 6287 appendix C for %s, by an imported seed',
      async (text) => {
        const suite = parseSuite(text);
        const parameters = ocraParametersFor(text);
        const rows = rfc6287.vectors.filter((row) => row.suite === text);
        const reference = await importSeed(Buffer.from(rows[0]!.key_hex, 'hex'), parameters);
        for (const { Q, C, T, ocra, key_hex } of rows) {
          expect(key_hex).toBe(rows[0]!.key_hex);
          const pinHash = Buffer.from(rfc6287.pin_sha1_hex, 'hex');
          const inputs = { question: Q, pinHash, counter: C ?? 0, step: Number.parseInt(T ?? '0', 16) };
          const answer = await hsm.driver.mac(use(reference, parameters), dataInput(suite, inputs));
          if (answer.kind !== 'mac') throw new Error(answer.kind);
          expect(responseFromMac(suite, answer.mac)).toBe(ocra);
        }
      },
    );

    const LENGTHS: [Algorithm, number][] = ALGORITHMS.flatMap((algorithm) =>
      [16, 20, 21, 32, 40, 64, 65, 128, 129].map((length): [Algorithm, number] => [algorithm, length]),
    );
    test.each(LENGTHS)('%s with a seed of %i bytes: the MACs of node:crypto', async (algorithm, length) => {
      const seed = new SystemRandom().bytes(length);
      const parameters = parametersFor(algorithm);
      const [mac] = await macsOf(use(await importSeed(seed, parameters), parameters), 9);
      expect(mac).toEqual(createHmac(algorithm, seed).update(counterBytes(9)).digest());
    });

    test.each(ALGORITHMS)('a device that enrols with %s holds the key that the HSM matches with', async (algorithm) => {
      const parameters = parametersFor(algorithm);
      const { made, key } = await enrol(parameters);
      const macs = await macsOf(use(made.reference, parameters), 1_000_000, 3);
      const expected = [0, 1, 2].map((at) =>
        createHmac(algorithm, key.reveal())
          .update(counterBytes(1_000_000 + at))
          .digest(),
      );
      expect(macs).toEqual(expected);
    });

    test.each(ALGORITHMS)(
      "a device's key MACs a message with %s, and no message that could be a counter",
      async (algorithm) => {
        const parameters = parametersFor(algorithm);
        const { made, key } = await enrol(parameters);
        const seed = Buffer.alloc(64, 7);
        const imported = await importSeed(seed, parameters);
        const message = Buffer.from('a message of the platform');
        for (const [reference, bytes] of [
          [made.reference, key.reveal()],
          [imported, seed],
        ] as const) {
          const device = use(reference, parameters);
          const mac = createHmac(algorithm, bytes).update(message).digest();
          expect(await hsm.driver.mac(device, message)).toEqual({ kind: 'mac', mac });
          for (const short of [counterBytes(9), Buffer.alloc(0)])
            await expect(hsm.driver.mac(device, short)).rejects.toThrow(RangeError);
        }
        expect(await hsm.driver.mac(use('x', parameters), message)).toEqual({ kind: 'unknown-key' });
      },
    );

    test('the same label provisioned twice is two keys and two points', async () => {
      const [one, two] = [await enrol(parametersFor('SHA256')), await enrol(parametersFor('SHA256'))];
      expect(one.made.reference).not.toBe(two.made.reference);
      expect(one.made.point).not.toEqual(two.made.point);
      expect(one.key.reveal()).not.toEqual(two.key.reveal());
    });

    const others: [string, Partial<PairedParameters>][] = [
      ['tenant', { tenant: 'beta' }],
      ['account', { account: 'zzzzzzzzzzzzzzzzzzzz' }],
      ['device', { device: 'zzzzzzzzzzzz' }],
      ['epoch', { epoch: 2 }],
    ];
    test.each(others)("a reference under another %s is never the device's key", async (_name, change) => {
      const parameters = parametersFor('SHA256');
      const { made } = await enrol(parameters);
      const other = { ...parameters, ...change };
      expect(await macsOf(use(made.reference, other), 1)).not.toEqual(await macsOf(use(made.reference, parameters), 1));
      const sealed = await importSeed(Buffer.alloc(32, 5), parameters);
      expect(await hsm.driver.macs(use(sealed, other), 1, 1)).toEqual({ kind: 'unknown-key' });
      await macsOf(use(sealed, parameters), 1);
    });

    test('a new reference is a key of its own, for each label another', async () => {
      const parameters = parametersFor('SHA256');
      const references = await Promise.all([hsm.driver.newReference(), hsm.driver.newReference()]);
      const labels = [parameters, { ...parameters, device: 'zzzzzzzzzzzz' }];
      const asked = references.flatMap((reference) => labels.map((label) => macsOf(use(reference, label), 0)));
      const macs = (await Promise.all(asked)).map(([mac]) => mac!.toString('hex'));
      expect(new Set(macs).size).toBe(4);
      expect(await macsOf(use(references[0], parameters), 0)).toEqual([Buffer.from(macs[0]!, 'hex')]);
    });

    const SUITES = ['OCRA-1:HOTP-SHA256-8:QA08', 'OCRA-1:HOTP-SHA256-6:QA08'] as const;
    test.each<[string, PairedParameters]>([
      ['without suites', parametersFor('SHA256')],
      ['without the platform suite', ocraParametersFor(SUITES[0])],
      ['with the suites exchanged', ocraParametersFor(SUITES[1], SUITES[0])],
      ['with another suite', ocraParametersFor('OCRA-1:HOTP-SHA256-8:QN08', SUITES[1])],
    ])("an OCRA device's reference %s is never the device's key", async (_name, other) => {
      const parameters = ocraParametersFor(...SUITES);
      const message = Buffer.from('a message of the platform');
      const { made } = await enrol(parameters);
      const right = await hsm.driver.mac(use(made.reference, parameters), message);
      expect(right).toMatchObject({ kind: 'mac' });
      expect(await hsm.driver.mac(use(made.reference, other), message)).not.toEqual(right);
      const sealed = await importSeed(Buffer.alloc(32, 5), parameters);
      expect(await hsm.driver.mac(use(sealed, parameters), message)).toMatchObject({ kind: 'mac' });
      expect(await hsm.driver.mac(use(sealed, other), message)).toEqual({ kind: 'unknown-key' });
    });

    test.each(['', 'x', 'd1.', 'd1.AAAA', 's1.AAAA', 'd2.AAAAAAAAAAAAAAAAAAAAAA', `s9.${'A'.repeat(54)}`, 'decoy'])(
      'reference %j is an unknown key',
      async (reference) => {
        expect(await hsm.driver.macs(use(reference, parametersFor('SHA1')), 0, 1)).toEqual({ kind: 'unknown-key' });
      },
    );

    test('a decoy is one key per tenant and algorithm', async () => {
      const decoy = (tenant: string, algorithm: Algorithm) => macsOf({ kind: 'decoy', tenant, algorithm }, 5);
      expect(await decoy('acme', 'SHA1')).toEqual(await decoy('acme', 'SHA1'));
      expect(await decoy('acme', 'SHA1')).not.toEqual(await decoy('beta', 'SHA1'));
      expect((await decoy('acme', 'SHA512'))[0]!.length).toBe(64);
    });

    test("challenges have one key per tenant, which is no decoy's and takes no counter", async () => {
      const message = Buffer.from('a message of the platform');
      const macOf = async (key: MessageKey) => {
        const answer = await hsm.driver.mac(key, message);
        if (answer.kind !== 'mac') throw new Error(answer.kind);
        return answer.mac;
      };
      const acme = { kind: 'challenges', tenant: 'acme' } as const;
      const mac = await macOf(acme);
      expect(mac.length).toBe(32);
      expect(await macOf(acme)).toEqual(mac);
      expect(await macOf({ ...acme, tenant: 'beta' })).not.toEqual(mac);
      expect(await macOf({ kind: 'decoy', tenant: 'acme', algorithm: 'SHA256' })).not.toEqual(mac);
      expect(await hsm.driver.receipts([message])).not.toEqual([mac]);
      await expect(hsm.driver.mac(acme, counterBytes(9))).rejects.toThrow(RangeError);
    });

    test('a seed wrapped for other parameters, or changed on the way, does not open', async () => {
      const parameters = parametersFor('SHA1');
      const sent = wrapped(new Secret(Buffer.alloc(20, 1)), parameters);
      const digits = { ...parameters, profile: { ...parameters.profile, digits: 6 } };
      for (const other of [{ ...parameters, account: 'zzzzzzzzzzzzzzzzzzzz' }, digits])
        expect(await importOne({ ...sent, parameters: other })).toEqual({ kind: 'unopened' });
      sent.wrapped[3]! ^= 1;
      expect(await importOne(sent)).toEqual({ kind: 'unopened' });
      expect(await importOne({ ...sent, wrapped: sent.wrapped.subarray(0, 16) })).toEqual({ kind: 'unopened' });
    });

    test('seeds of one point are taken in together, each for its own device; one that does not open spoils no other', async () => {
      const random = { bytes: () => Buffer.alloc(32, 9) }; // one point for all
      const many = ['0', '1', '2'].map((digit) => ({ ...parametersFor('SHA1'), device: digit.repeat(12) }));
      const sent = many.map((parameters, at) => wrapped(new Secret(Buffer.alloc(20, at + 1)), parameters, random));
      const [first, second, third] = sent as [(typeof sent)[0], (typeof sent)[0], (typeof sent)[0]];
      const swapped = { ...second, wrapped: third.wrapped };
      const answers = await hsm.driver.import({ point: first.point, seeds: [first, swapped, third] });
      expect(answers.map(({ kind }) => kind)).toEqual(['imported', 'unopened', 'imported']);
      for (const at of [0, 2]) {
        const { reference } = answers[at] as { reference: string };
        const expected = createHmac('sha1', Buffer.alloc(20, at + 1))
          .update(counterBytes(5))
          .digest();
        expect(await macsOf(use(reference, many[at]!), 5)).toEqual([expected]);
      }
    });

    test.each<[Algorithm, number]>([
      ['SHA1', 16],
      ['SHA1', 128],
      ['SHA256', 20],
      ['SHA512', 32],
    ])('%s refuses a key of %i bytes', async (algorithm, length) => {
      const sent = wrapped(new Secret(Buffer.alloc(length, 1)), parametersFor(algorithm));
      expect(await importOne(sent)).toEqual({ kind: 'length' });
    });

    test('a Diffie-Hellman result that begins with a zero byte is used whole', async () => {
      const importPoint = fromBase64url(hsm.pinned.import.point, 'point');
      const random = new SystemRandom();
      let scalar = random.bytes(32);
      while (
        makeEphemeral({ bytes: () => scalar })
          .agree(importPoint)
          .reveal()[0] !== 0
      )
        scalar = random.bytes(32);
      const parameters = parametersFor('SHA1');
      const seed = Buffer.from(rfc4226.secret_hex, 'hex');
      const imported = await importOne(wrapped(new Secret(seed), parameters, { bytes: () => scalar }));
      if (imported.kind !== 'imported') throw new Error(imported.kind);
      expect(codeFromMac((await macsOf(use(imported.reference, parameters), 0))[0]!, 6)).toBe('755224');
    });

    test('more devices than keys are held, each still its own', async () => {
      const seeds = Array.from({ length: 6 }, (_, at) => Buffer.alloc(20, at + 1));
      const parameters = parametersFor('SHA1');
      const references = await Promise.all(seeds.map((seed) => importSeed(seed, parameters)));
      for (let round = 0; round < 3; round++)
        for (const [at, seed] of seeds.entries()) {
          const expected = createHmac('sha1', seed).update(counterBytes(round)).digest();
          expect(await macsOf(use(references[at]!, parameters), round)).toEqual([expected]);
        }
    });

    test('receipts are MACs: the same for the same, 32 bytes', async () => {
      const [one, again, other] = await hsm.driver.receipts(['a', 'a', 'b'].map((text) => Buffer.from(text)));
      expect(await hsm.driver.receipts([])).toEqual([]);
      expect(one).toEqual(again);
      expect(one).not.toEqual(other);
      expect(one!.length).toBe(32);
    });

    test('the audit key and the identity key sign each for its own public key', async () => {
      const message = Buffer.from('origin\n1\nroot\n');
      const key = (x: string) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      const { audit, identity } = hsm.pinned;
      const [byAudit, byIdentity] = [await hsm.driver.signAsAudit(message), await hsm.driver.signAsIdentity(message)];
      expect(verify(null, message, key(audit), byAudit)).toBe(true);
      expect(verify(null, message, key(identity), byAudit)).toBe(false);
      expect(verify(null, message, key(identity), byIdentity)).toBe(true);
    });
  });
}
