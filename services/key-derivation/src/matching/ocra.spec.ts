import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ocraProfile } from '@countersign/contracts';
import type { MatchItem, OcraItem, OcraQuestionReply, OcraQuestionRequest } from '@countersign/contracts';
import { dataInput, parseSuite, responseFromMac } from '@countersign/oath';
import type { OcraInputs } from '@countersign/oath';
import { beginExchange, challengeDigest } from '@countersign/pairing';
import type { PairedParameters } from '@countersign/pairing';
import { Log } from '@countersign/runtime';
import type { Secret } from '@countersign/runtime';
import { Pkcs11Driver } from '../driver/pkcs11/index.js';
import type { Pkcs11Settings } from '../driver/pkcs11/index.js';
import { KeysService } from '../keys.service.js';
import { ocraParametersFor } from '../testing/parameters.js';
import { SoftHsm } from '../testing/soft-token.js';

const recipients = { find: () => undefined };
const silent = new Log('test', 'error', () => undefined);
const clock = { now: () => 1_700_000_000_000 };
const CLIENT = 'OCRA-1:HOTP-SHA256-8:QA08';
const PLATFORM = 'OCRA-1:HOTP-SHA256-6:QA08';
const CHALLENGE = '0123456789abcdef';
const OTHER = 'zzzzzzzzzzzzzzzz';
const ASKED = 'CLI22220';

/** A device, as its end computes: by node:crypto. */
interface Held {
  reference: string;
  parameters: PairedParameters;
  answers(suite: string, inputs: OcraInputs): string;
}

describe('OCRA by the key service, on SoftHSM', () => {
  let soft: SoftHsm;
  let settings: Pkcs11Settings;
  let driver: Pkcs11Driver;
  let keys: KeysService;

  beforeAll(async () => {
    soft = await SoftHsm.create();
    settings = soft.ceremony('ocra');
    driver = Pkcs11Driver.open(settings, clock, silent);
    keys = serviceOf();
  });
  afterAll(async () => {
    await driver.close();
    soft[Symbol.dispose]();
  });

  const serviceOf = (): KeysService =>
    new KeysService(driver, { clock, pinned: settings.pinned, auditOrigin: 'example.org/log', recipients }, silent);

  const enrolled = async (suite: string, platformSuite?: string): Promise<Held> => {
    const parameters = ocraParametersFor(suite, platformSuite);
    const exchange = beginExchange();
    const made = await keys.provision({ ...parameters, point: exchange.point });
    const key: Secret = exchange.finish({ ...parameters, ...made }, settings.pinned.identity, parameters);
    const answers = (text: string, inputs: OcraInputs): string => {
      const parsed = parseSuite(text);
      const message = dataInput(parsed, inputs);
      return responseFromMac(parsed, createHmac(parsed.algorithm, key.reveal()).update(message).digest());
    };
    return { reference: made.reference, parameters, answers };
  };

  const labelled = ({ reference, parameters }: Held, ocra: Partial<OcraItem>): OcraQuestionRequest => {
    const { tenant, account, device, epoch, profile } = parameters;
    const { algorithm, suite, platformSuite } = profile as { suite: string } & typeof profile & {
        platformSuite?: string;
      };
    const suites = { suite, ...(platformSuite !== undefined && { platformSuite }) };
    return { reference, tenant, account, device, epoch, algorithm, ocra: { ...suites, ...ocra } };
  };
  const asked = async (held: Held, ocra: Partial<OcraItem>) => {
    const reply = await keys.question(labelled(held, ocra));
    return reply as Extract<OcraQuestionReply, { kind: 'question' }>;
  };
  const item = (held: Held, ocra: Partial<OcraItem>, change: Partial<MatchItem> & { code: string }): MatchItem => {
    const window = { digits: 8, from: 0, count: 1, floor: 0 } as const;
    return { ...labelled(held, ocra), ...window, ...change };
  };
  const matched = async (given: MatchItem) => (await keys.match({ items: [given] })).results[0]!;

  test.each(['C-QN08', 'QN08', 'QA64', 'QH40-T59S', 'QN10-T5M'])(
    'both readers of suites mean the same by %s',
    (input) => {
      const text = `OCRA-1:HOTP-SHA512-7:${input}`;
      const { algorithm, digits, counter, stepSeconds, question } = parseSuite(text);
      const asked = `Q${question.format}${String(question.maxLength).padStart(2, '0')}`;
      const step = stepSeconds !== undefined && { stepSeconds };
      expect(ocraProfile(text)).toEqual({ algorithm, digits, counted: counter, question: asked, ...step });
    },
  );

  test('a question, and the one response to it', async () => {
    const held = await enrolled('OCRA-1:HOTP-SHA256-8:QN08');
    const { question } = await asked(held, { challenge: CHALLENGE });
    expect(question).toMatch(/^[0-9]{8}$/);
    const code = held.answers('OCRA-1:HOTP-SHA256-8:QN08', { question });
    expect(await matched(item(held, { challenge: CHALLENGE }, { code }))).toMatchObject({ kind: 'match', counter: 0 });
    expect(await matched(item(held, { challenge: OTHER }, { code }))).toEqual({ kind: 'none' });
    expect(await matched(item(held, {}, { code }))).toEqual({ kind: 'none' });
  });

  test.each([
    ['counter', 'OCRA-1:HOTP-SHA512-8:C-QN08', 'counter'],
    ['time step', 'OCRA-1:HOTP-SHA1-8:QN08-T1M', 'step'],
  ] as const)('a response by %s is found in its range, and told with it', async (_name, suite, moves) => {
    const held = await enrolled(suite);
    const { question } = await asked(held, { challenge: CHALLENGE });
    const code = held.answers(suite, { question, [moves]: 7 });
    const given = item(held, { challenge: CHALLENGE }, { code, from: 5, count: 3 });
    expect(await matched(given)).toMatchObject({ kind: 'match', counter: 7 });
    expect(await matched({ ...given, from: 8 })).toEqual({ kind: 'none' });
  });

  test('a transaction is in the question, and only where a question is long enough to stand for it', async () => {
    const suite = 'OCRA-1:HOTP-SHA256-8:QH16';
    const held = await enrolled(suite);
    const sums = ['{"amount":"10.00"}', '{"amount":"1000.00"}'].map((text) =>
      createHash('sha256').update(text).digest(),
    );
    const [transaction, changed] = sums.map((sum) => sum.toString('base64url')) as [string, string];
    const { question } = await asked(held, { challenge: CHALLENGE, transaction });
    // what the device makes of the transaction that it shows
    expect(question).toBe(Buffer.from(challengeDigest(CHALLENGE, sums[0])).toString('hex').slice(-16));
    const code = held.answers(suite, { question });
    expect(await matched(item(held, { challenge: CHALLENGE, transaction }, { code }))).toMatchObject({ kind: 'match' });
    for (const other of [{ transaction: changed }, {}])
      expect(await matched(item(held, { challenge: CHALLENGE, ...other }, { code }))).toEqual({ kind: 'none' });
    const short = await enrolled('OCRA-1:HOTP-SHA256-8:QH15');
    const refused = await keys.question(labelled(short, { challenge: CHALLENGE, transaction }));
    expect(refused).toEqual({ kind: 'unfit', why: 'transaction' });
  });

  test('a receipt is of the device, the counter, the challenge and the transaction', async () => {
    const suite = 'OCRA-1:HOTP-SHA256-8:QH16';
    const held = await enrolled(suite);
    const transaction = createHash('sha256').update('{}').digest('base64url');
    const { question } = await asked(held, { challenge: CHALLENGE, transaction });
    const code = held.answers(suite, { question });
    const match = await matched(item(held, { challenge: CHALLENGE, transaction }, { code }));
    if (match.kind !== 'match') throw new Error(match.kind);
    const { tenant, account, device, epoch } = held.parameters;
    const right = {
      tenant,
      account,
      device,
      epoch,
      counter: 0,
      receipt: match.receipt,
      challenge: CHALLENGE,
      transaction,
    };
    const { transaction: _transaction, ...unsigned } = right;
    const { challenge: _challenge, ...first } = unsigned;
    const receipts = [right, { ...right, challenge: OTHER }, unsigned, first, { ...right, counter: 1 }];
    expect(await keys.check({ receipts })).toMatchObject({ valid: [true, false, false, false, false] });
  });

  describe('mutual challenge-response (RFC 6287 section 7.2)', () => {
    test('the platform answers the device, and the device answers to both questions', async () => {
      const held = await enrolled(CLIENT, PLATFORM);
      const about = { challenge: CHALLENGE, asked: ASKED };
      const { question, response } = await asked(held, about);
      expect(response).toBe(held.answers(PLATFORM, { question: ASKED + question }));
      const code = held.answers(CLIENT, { question: question + ASKED });
      expect(await matched(item(held, about, { code }))).toMatchObject({ kind: 'match' });
      expect(await matched(item(held, { challenge: CHALLENGE }, { code }))).toEqual({ kind: 'none' });
    });

    test("no platform's response is ever a device's, whatever is asked: the two begin with different suites", async () => {
      const held = await enrolled(CLIENT, PLATFORM);
      const first = await asked(held, { challenge: CHALLENGE, asked: ASKED });
      // the platform's own question, brought to it as a device's in another challenge
      const reflected = await asked(held, { challenge: OTHER, asked: first.question });
      for (const [about, code] of [
        [{ challenge: CHALLENGE, asked: ASKED }, first.response!],
        [{ challenge: CHALLENGE, asked: reflected.question }, reflected.response!],
        [{ challenge: OTHER, asked: first.question }, reflected.response!],
      ] as const) {
        const given = item(held, about, { code, digits: 6 });
        expect(await matched(given)).toEqual({ kind: 'none' });
      }
    });

    test('whoever exchanges the suites, so that the platform would answer as the device, finds no key', async () => {
      const held = await enrolled(CLIENT, PLATFORM);
      const about = { challenge: CHALLENGE, asked: ASKED };
      const { question } = await asked(held, about);
      const answer = await asked(held, { challenge: OTHER, asked: question, suite: PLATFORM, platformSuite: CLIENT });
      expect(answer.response).not.toBe(held.answers(CLIENT, { question: question + answer.question }));
      const same = await keys.question(labelled(held, { ...about, platformSuite: CLIENT }));
      expect(same).toEqual({ kind: 'unfit', why: 'platformSuite' });
    });

    test.each([
      ['of another length', 'CLI2222'],
      ['of two lengths', 'CLI22220CLI22220'],
      ['of another format', 'CLI-2222'],
    ])('a question %s has no answer', async (_name, question) => {
      const held = await enrolled(CLIENT, PLATFORM);
      const about = { challenge: CHALLENGE, asked: question };
      expect(await keys.question(labelled(held, about))).toEqual({ kind: 'unfit', why: 'asked' });
      expect(await matched(item(held, about, { code: '00000000' }))).toEqual({ kind: 'unknown-key' });
    });

    test('a device without a platform suite cannot ask', async () => {
      const held = await enrolled(CLIENT);
      const about = { challenge: CHALLENGE, asked: ASKED };
      expect(await keys.question(labelled(held, about))).toEqual({ kind: 'unfit', why: 'platformSuite' });
    });
  });

  test('a key is made for an OCRA device with a suite, for no other with one, and never with one suite twice', async () => {
    const { profile, ...label } = ocraParametersFor(CLIENT, PLATFORM);
    const { point } = beginExchange();
    for (const wrong of [{ suite: undefined }, { type: 'totp' }, { platformSuite: CLIENT }]) {
      const request = { ...label, point, profile: { ...profile, ...wrong } } as never;
      await expect(keys.provision(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
