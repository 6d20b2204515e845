import { Length, Matches } from '../class-validator.js';
import {
  AccountIdField,
  Bytes,
  ChallengeIdField,
  DeviceIdField,
  Epoch,
  Nested,
  OneOf,
  Optional,
  TenantName,
} from './fields.js';
import { OcraSuiteField, PlatformSuiteField } from './ocra.js';
import { ALGORITHMS, type Algorithm } from './profile.js';

/**
 * What an OCRA device answers. Its question is made by the key service, from the challenge's id and the transaction: who
 * asks for a match or for the platform's response never chooses the question. The suites are a part of the key's label.
 */
export class OcraItem {
  @OcraSuiteField()
  suite!: string;

  @Optional()
  @PlatformSuiteField()
  platformSuite?: string;

  /** absent: the question of a device's first code */
  @Optional()
  @ChallengeIdField()
  challenge?: string;

  /** SHA-256 of the transaction in its canonical form (RFC 8785): what the device signs */
  @Optional()
  @Bytes(32)
  transaction?: string;

  /** the device's own question, of the suite's full length: a response is to both (RFC 6287 section 7.2) */
  @Optional()
  @Asked()
  asked?: string;
}

/** The question of a device that asks back. */
export function Asked(): PropertyDecorator {
  return Matches(/^[0-9A-Za-z]{8,64}$/, { message: "a question of the device's suite, in its full length" });
}

/** `question` of the key service: what a device is asked and, where it asked first, the platform's response to that. */
export class OcraQuestionRequest {
  @Length(1, 1024, { message: 'the opaque key reference of the device record' })
  reference!: string;

  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Epoch()
  epoch!: number;

  @OneOf(ALGORITHMS)
  algorithm!: Algorithm;

  @Nested(() => OcraItem)
  ocra!: OcraItem;
}

/**
 * unfit: the device's question is not one of its suite, the device has no platform suite, or questions of its suite are too
 * short to stand for a transaction. unknown-key: the reference is not one of this HSM's.
 */
export type OcraQuestionReply =
  | { kind: 'question'; question: string; response?: string }
  | { kind: 'unfit'; why: 'asked' | 'platformSuite' | 'transaction' }
  | { kind: 'unknown-key' };
