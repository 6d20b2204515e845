import { Matches } from '../class-validator.js';
import {
  AccountIdField,
  Bytes,
  ChallengeIdField,
  Nested,
  OneOf,
  Optional,
  TenantName,
  VisibleLine,
  Whole,
} from './fields.js';
import type { Count, UnixMs } from './units.js';

/** The ways a code is sent. */
export const CHANNELS = ['mail', 'webhook', 'subject'] as const;
export type Channel = (typeof CHANNELS)[number];

export const MAX_RECIPIENT_LENGTH = 256;
const MAX_LINE = 128;
/** HPKE: a P-256 point, then AES-GCM's tag beside 4 to 10 characters. */
const SEALED_BYTES = [65 + 16 + 4, 65 + 16 + 10] as const;

/** What a template may show beside the code. Not secret: verification sees it. */
export class DeliveryFields {
  /** e.g. `1,250.00 EUR` */
  @Optional()
  @VisibleLine(MAX_LINE)
  amount?: string;

  @Optional()
  @VisibleLine(MAX_LINE)
  payee?: string;
}

/** Where a code should be sent, and in which words. */
export class DeliveryWish {
  @OneOf(CHANNELS)
  channel!: Channel;

  /**
   * mail: an address. webhook: `<endpoint>:<recipient>`, an endpoint that delivery's configuration names for the tenant.
   * subject: `<caller>:<recipient>`, a courier of the tenant. Personal: it stands in no event and no log.
   */
  @VisibleLine(MAX_RECIPIENT_LENGTH)
  to!: string;

  /** of the template, BCP 47: `de`, `de-AT`; default: the tenant's */
  @Optional()
  @Matches(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, { message: 'a language tag like de or de-AT' })
  language?: string;

  /** default: `code` */
  @Optional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,31}$/, { message: 'the name of a template: a-z, 0-9, -, at most 32' })
  template?: string;

  @Optional()
  @Nested(() => DeliveryFields)
  fields?: DeliveryFields;
}

/** Verification to delivery: send this code. Asked twice with the same `sealed`, it is sent once. */
export class DeliverRequest extends DeliveryWish {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  /** the code, sealed to delivery for this challenge by the key service */
  @Bytes(...SEALED_BYTES)
  sealed!: string;

  @Optional()
  @VisibleLine(MAX_LINE)
  purpose?: string;

  /** the name that was asked about is nobody's: all is done as for an account, and nothing is sent or reported */
  @Optional()
  @OneOf([true])
  nobody?: true;

  /** ms since 1970; nothing is sent later */
  @Whole(0, Number.MAX_SAFE_INTEGER)
  expiresAt!: number;
}

/** Delivery has it in hand, in memory; what becomes of it comes as DeliveryReport. */
export interface DeliverReply {
  taken: true;
}

/** What an endpoint and a courier are given to pass on: all they need, and nothing else. */
export interface CodeToPassOn extends DeliveryFields {
  /** the same when it comes again */
  id: string;
  account: string;
  challenge: string;
  /** the recipient, as the endpoint or courier knows it */
  to: string;
  code: string;
  /** the words that mail would have */
  subject: string;
  text: string;
  language: string;
  purpose?: string;
  expiresAt: UnixMs;
}

/** What is posted to an endpoint. */
export interface CodeWebhook {
  type: 'countersign.code';
  /** ISO 8601, of this attempt */
  timestamp: string;
  data: CodeToPassOn;
}

/** refused: the other side will never take it. expired: nobody took it in time. stopped: delivery was stopped meanwhile. */
export const DELIVERY_FAULTS = ['refused', 'expired', 'stopped'] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

/** Delivery to verification: what became of it, once for each message that was taken. */
export class DeliveryReport {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  @OneOf(CHANNELS)
  channel!: Channel;

  @OneOf(['sent', 'failed'])
  state!: 'sent' | 'failed';

  @Whole(0, 1_000)
  attempts!: Count;

  /** of `failed` */
  @Optional()
  @OneOf(DELIVERY_FAULTS)
  reason?: DeliveryFault;
}

export interface DeliveryReportReply {
  noted: true;
}

/**
 * Delivery to its other replicas: a message was taken, so that limits hold for all of them together. It has no address and
 * no code.
 */
export class TakenNote {
  /** of the message */
  @Matches(/^[0-9a-f]{30}$/, { message: '30 hexadecimal digits' })
  id!: string;

  @TenantName()
  tenant!: string;

  /** keyed digest of channel and recipient */
  @Bytes(16)
  recipient!: string;

  /** ms since 1970 */
  @Whole(0, Number.MAX_SAFE_INTEGER)
  at!: number;
}
