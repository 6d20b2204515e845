import type { KeyLabel, OcraItem } from '@countersign/contracts';
import { dataInput, isFullQuestion, parseSuite, questionBits, questionFrom, responseFromMac } from '@countersign/oath';
import type { OcraSuite } from '@countersign/oath';
import { challengeDigest, firstCodeDigest } from '@countersign/pairing';

/**
 * Whoever has a transaction signed may look for another one with the same question: the challenge's id is drawn after it is
 * fixed, so that this takes 2^64 tries within minutes.
 */
export const MIN_SIGNING_BITS = 64;

export type Unfit = 'asked' | 'platformSuite' | 'transaction';

/** What one OCRA device is asked, and how it answers (RFC 6287 sections 7.1 to 7.4). */
export class OcraExchange {
  private readonly suite: OcraSuite;
  /** the platform's question */
  readonly question: string;

  constructor(
    label: KeyLabel,
    private readonly item: OcraItem,
  ) {
    const { challenge, transaction } = item;
    const signed = transaction === undefined ? undefined : Buffer.from(transaction, 'base64url');
    this.suite = parseSuite(item.suite);
    const digest = challenge === undefined ? firstCodeDigest(label) : challengeDigest(challenge, signed);
    this.question = questionFrom(this.suite, digest);
  }

  /** Why this cannot be answered; undefined: it can. */
  get unfit(): Unfit | undefined {
    const { asked, platformSuite, transaction } = this.item;
    if (asked !== undefined && !isFullQuestion(this.suite, asked)) return 'asked';
    if (asked !== undefined && (platformSuite ?? this.suite.text) === this.suite.text) return 'platformSuite';
    if (transaction !== undefined && questionBits(this.suite) < MIN_SIGNING_BITS) return 'transaction';
    return undefined;
  }

  /** The device's messages for `count` counters or time steps from `from` on; for a suite of neither they are all the same. */
  messages(from: number, count: number): Uint8Array[] {
    const question = this.question + (this.item.asked ?? '');
    return Array.from({ length: count }, (_, at) =>
      dataInput(this.suite, { question, counter: from + at, step: from + at }),
    );
  }

  readonly shows = (mac: Uint8Array): string => responseFromMac(this.suite, mac);

  /** The platform's response to a device that asked; undefined for one that did not. */
  platform(): { message: Uint8Array; shows: (mac: Uint8Array) => string } | undefined {
    const { asked, platformSuite } = this.item;
    if (asked === undefined || platformSuite === undefined) return undefined;
    const suite = parseSuite(platformSuite);
    const message = dataInput(suite, { question: asked + this.question });
    return { message, shows: (mac) => responseFromMac(suite, mac) };
  }
}
