import type { KeyLabel } from '@countersign/contracts';
import type { Algorithm } from '@countersign/oath';
import type { PairedParameters } from '@countersign/pairing';

/** Names one key of one device. What a reference was made for: with any other label it stands for nothing. */
export interface DeviceLabel extends KeyLabel {
  algorithm: Algorithm;
  /** of an OCRA device: under other suites its key is another, so that no MAC can be had but of these suites' data inputs */
  ocra?: { suite: string; platformSuite?: string };
}

/** Which key a question is about. The decoy is one key per tenant and algorithm that belongs to nobody. */
export type KeyUse =
  { kind: 'device'; reference: string; label: DeviceLabel } | { kind: 'decoy'; tenant: string; algorithm: Algorithm };

/** What messages of the platform's own are MACed with: a device's key, or the one from which a tenant's challenges get codes. */
export type MessageKey = KeyUse | { kind: 'challenges'; tenant: string };

export type Macs = { kind: 'macs'; macs: Buffer[] } | { kind: 'unknown-key' };
export type Mac = { kind: 'mac'; mac: Buffer } | { kind: 'unknown-key' };

export interface ExchangeWith {
  parameters: PairedParameters;
  /** the other end's point, checked: 65 bytes, on the curve */
  point: Uint8Array;
}

/** Seeds that one client wrapped to the import key from one ephemeral point. */
export interface WrappedSeeds {
  /** the client's point, checked: 65 bytes, on the curve */
  point: Uint8Array;
  seeds: readonly WrappedSeed[];
}

export interface WrappedSeed {
  parameters: PairedParameters;
  wrapped: Uint8Array;
}

export interface Provisioned {
  /** opaque to everybody else; a driver whose HSM stores key blocks puts the block there. At most 1,024 characters */
  reference: string;
  /** the HSM's ephemeral point, 65 bytes */
  point: Buffer;
  /** AES-KWP of the new key for the holder of the other point */
  wrapped: Buffer;
  keyLengthBytes: number;
  /** Ed25519 by the identity key: see enrolmentMessage of @countersign/pairing */
  signature: Buffer;
}

/** unopened: it was not wrapped to this HSM for these parameters. length: no length of a key of this algorithm. */
export type Imported = { kind: 'imported'; reference: string } | { kind: 'unopened' } | { kind: 'length' };

/**
 * What the service needs of an HSM. Every call throws HsmTrouble when the HSM cannot answer, and nothing else for any
 * fault of the HSM; a driver repairs itself, proves its keys by known answers, and never answers from a key that it
 * is not sure of. The conformance suite (driver.suite.ts) says the rest.
 */
export interface HsmDriver {
  /** HMACs of the 8-byte counters [from, from + count): RFC 4226 section 5.2. */
  macs(key: KeyUse, from: number, count: number): Promise<Macs>;
  /**
   * HMAC of a message of the platform's own, which begins with a text of its own. Throws RangeError for one as short as a
   * counter: it could be asked for a code.
   */
  mac(key: MessageKey, message: Uint8Array): Promise<Mac>;
  /** A reference to a new key, with a nonce of its own, that nobody else will hold. */
  newReference(): Promise<string>;
  /** Makes a new key with a nonce of its own, never one that exists; wraps it, signs the transcript. */
  provision(exchange: ExchangeWith): Promise<Provisioned>;
  /** Takes in seeds that were wrapped to the import key, each for itself; in one turn: give it few. */
  import(wrapped: WrappedSeeds): Promise<Imported[]>;
  /** HMAC-SHA-256 of each by the receipts master, in one turn: give it few. */
  receipts(messages: readonly Uint8Array[]): Promise<Buffer[]>;
  /** Ed25519 by the identity key, of a message that begins with a text of its own. */
  signAsIdentity(message: Uint8Array): Promise<Buffer>;
  /** Ed25519 by the audit key. */
  signAsAudit(message: Uint8Array): Promise<Buffer>;
  /** Throws HsmTrouble while the connection is lost. Asks the HSM nothing; the next question repairs. */
  assertConnected(): void;
  close(): Promise<void>;
}

/** The HSM cannot answer now. `reason` is for the log: it names functions and return values, never keys. */
export class HsmTrouble extends Error {
  override readonly name = 'HsmTrouble';
}
