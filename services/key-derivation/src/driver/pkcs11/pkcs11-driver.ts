import { createHash } from 'node:crypto';
import { HASH_SIZES, counterBytes } from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import { reasonOf } from '@countersign/runtime';
import type { Clock, Log } from '@countersign/runtime';
import { HsmTrouble } from '../hsm-driver.js';
import type {
  ExchangeWith,
  HsmDriver,
  Imported,
  KeyUse,
  Mac,
  Macs,
  MessageKey,
  Provisioned,
  WrappedSeeds,
} from '../hsm-driver.js';
import { NONCE_BYTES, formatReference, parseReference } from '../key-reference.js';
import { challengeKeyData, decoyKeyData, deviceKeyData, nameOfLabel } from '../labels.js';
import { connect } from './connection.js';
import type { Connection, TokenSettings } from './connection.js';
import { Cryptoki, returnValueOf } from './cryptoki.js';
import { importSeeds, provision } from './exchange.js';
import { proveKnownAnswers } from './known-answers.js';
import { WrongToken, masterOf, newest } from './masters.js';
import type { Master, Masters } from './masters.js';
import { openSealed } from './sealed.js';
import type { OpenedKey } from './sealed.js';
import { anotherKey } from './session.js';
import type { Session } from './session.js';
import { macKey } from './templates.js';
import type { Lifetime } from './templates.js';

export interface Pkcs11Settings extends TokenSettings {
  modulePath: string;
}

/** After a repair that failed, the next is not tried before this has passed. */
const REPAIR_PAUSE_MS = 1000;
/** One question is not worked on for longer: the HSM's calls hold the whole process. */
const PATIENCE_MS = 1000;
/** What failed is done again on a new connection, once. All that is asked of an HSM can be done twice. */
const ATTEMPTS = 2;
/**
 * MACed after each use of a held key: what a handle denotes is told by what it computes, which is the surest and half as dear
 * as reading its label. Begins like no other message of the platform.
 */
const HANDLE_PROOF = Buffer.from('countersign handle proof v1\0', 'ascii');

type Computed = Macs | { kind: 'refused' };

/** There is no key to compute with. */
class NotOpened extends Error {
  constructor(readonly why: 'refused' | 'unknown') {
    super(why);
  }
}

/** Any PKCS#11 token with AES-CBC-ENCRYPT-DATA, ECDH, AES-KWP, HMAC and Ed25519: SoftHSM 2.6 and its like. */
export class Pkcs11Driver implements HsmDriver {
  private connection: Connection | undefined;
  private generation = 0;
  private notBeforeMs = 0;

  private constructor(
    private readonly cryptoki: Cryptoki,
    private readonly settings: Pkcs11Settings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Logs in and proves the token. Throws WrongToken or the HSM's error: the service does not start without. */
  static open(settings: Pkcs11Settings, clock: Clock, log: Log): Pkcs11Driver {
    const cryptoki = new Cryptoki(settings.modulePath);
    cryptoki.initialize();
    const driver = new Pkcs11Driver(cryptoki, settings, clock, log);
    try {
      driver.connection = connect(cryptoki, settings, driver.generation);
    } catch (error) {
      cryptoki.finalize();
      throw error;
    }
    return driver;
  }

  async macs(key: KeyUse, from: number, count: number): Promise<Macs> {
    return this.computeSurely(
      key,
      Array.from({ length: count }, (_, at) => counterBytes(from + at)),
    );
  }

  async mac(key: MessageKey, message: Uint8Array): Promise<Mac> {
    if (message.length <= counterBytes(0).length) throw new RangeError('a message is longer than a counter');
    const answer = this.computeSurely(key, [Buffer.from(message)]);
    return answer.kind === 'macs' ? { kind: 'mac', mac: answer.macs[0]! } : answer;
  }

  async newReference(): Promise<string> {
    return this.run(({ sessions, masters }) =>
      sessions.use((session) => {
        const { version } = newest(masters, 'devices');
        return formatReference({ kind: 'derived', version, nonce: session.random(NONCE_BYTES) });
      }),
    );
  }

  async provision(exchange: ExchangeWith): Promise<Provisioned> {
    return this.run(({ sessions, masters }) => sessions.use((session) => provision(session, masters, exchange)));
  }

  async import(wrapped: WrappedSeeds): Promise<Imported[]> {
    const importPoint = Buffer.from(this.settings.pinned.import.point, 'base64url');
    return this.run((connection) => {
      const { sessions, masters } = connection;
      const opened = sessions.use((session) => importSeeds(session, masters, wrapped, importPoint));
      if (opened.some(({ kind }) => kind === 'refused')) this.proveWell(connection);
      return opened.map((one) => (one.kind === 'refused' ? { kind: 'unopened' } : one));
    });
  }

  async receipts(messages: readonly Uint8Array[]): Promise<Buffer[]> {
    if (messages.length === 0) return [];
    return this.run(({ sessions, masters }) =>
      sessions.use((session) => {
        const { handle, original, label } = newest(masters, 'receipts');
        const macs = messages.map((message) => session.hmac('SHA256', handle, Buffer.from(message)));
        session.prove(handle, label);
        session.prove(original, label); // a copy would outlive its token
        return macs;
      }),
    );
  }

  async signAsIdentity(message: Uint8Array): Promise<Buffer> {
    return this.sign('identity', message);
  }

  async signAsAudit(message: Uint8Array): Promise<Buffer> {
    return this.sign('audit', message);
  }

  assertConnected(): void {
    if (this.connection === undefined) throw new HsmTrouble('its connection is lost; the next question repairs it');
  }

  async close(): Promise<void> {
    this.connection = undefined;
    this.cryptoki.finalize();
  }

  private sign(by: 'identity' | 'audit', message: Uint8Array): Buffer {
    const bytes = Buffer.from(message);
    return this.run(({ sessions, masters }) =>
      sessions.use((session) => session.sign(masters.pairs[by].privateKey, bytes)),
    );
  }

  private computeSurely(key: MessageKey, messages: Buffer[]): Macs {
    return this.run((connection) => {
      const first = this.compute(connection, key, messages);
      if (first.kind !== 'refused') return first;
      this.proveWell(connection);
      const second = this.compute(connection, key, messages); // the refusal may have been the HSM's passing trouble
      return second.kind === 'refused' ? { kind: 'unknown-key' } : second;
    });
  }

  private compute({ sessions, keeper, masters }: Connection, key: MessageKey, messages: Buffer[]): Computed {
    const algorithm = algorithmOf(key);
    const name = nameOf(key);
    const endMs = this.clock.now() + PATIENCE_MS;
    try {
      const { handle, proof } = keeper.key(name, (session) => {
        const label = labelOfHeld(name);
        const opened = this.open(session, masters, key, { kind: 'session', label });
        if (opened.kind !== 'key') throw new NotOpened(opened.kind);
        const handle = opened.key;
        return sessions.use((lent) => {
          const proof = lent.hmac(algorithm, handle, HANDLE_PROOF);
          lent.prove(handle, label);
          return { handle, proof };
        });
      });
      const macs = sessions.use((session) => {
        const made = messages.map((message) => {
          if (this.clock.now() > endMs) throw new SlowHsm('the HSM takes too long');
          return session.hmac(algorithm, handle, message);
        });
        if (!session.hmac(algorithm, handle, HANDLE_PROOF).equals(proof)) throw anotherKey();
        return made;
      });
      if (macs.every((mac) => mac.length === HASH_SIZES[algorithm].macBytes)) return { kind: 'macs', macs };
    } catch (error) {
      if (!(error instanceof NotOpened)) throw error;
      return { kind: error.why === 'refused' ? 'refused' : 'unknown-key' };
    }
    throw new HsmTrouble('a MAC has another length than its hash');
  }

  /** The key in the HSM's memory, made in the keeper's session. */
  private open(session: Session, masters: Masters, key: MessageKey, lifetime: Lifetime): OpenedKey {
    const derive = (master: Master | undefined, data: Buffer, lengthBytes: number): OpenedKey => {
      if (!master) return { kind: 'unknown' };
      const made = session.deriveByEncryption(master.handle, data, macKey('mac', lifetime, lengthBytes));
      session.prove(master.handle, master.label);
      return { kind: 'key', key: made };
    };
    if (key.kind === 'decoy') {
      const data = decoyKeyData(key.tenant, key.algorithm);
      return derive(newest(masters, 'devices'), data, HASH_SIZES[key.algorithm].macBytes);
    }
    if (key.kind === 'challenges') {
      const data = challengeKeyData(key.tenant);
      return derive(newest(masters, 'challenges'), data, HASH_SIZES[algorithmOf(key)].macBytes);
    }
    const { label } = key;
    const reference = parseReference(key.reference);
    if (reference?.kind === 'sealed') return openSealed(session, masters, key.reference, label, lifetime);
    if (!reference) return { kind: 'unknown' };
    const master = masterOf(masters, 'devices', reference.version);
    return derive(master, deviceKeyData(label, reference.nonce), HASH_SIZES[label.algorithm].macBytes);
  }

  /**
   * An HSM says the same of a bad blob and of its own trouble. Ask it what is known: if that is right, it is well and
   * this returns; if not, the error is repaired like any other.
   */
  private proveWell({ sessions, masters }: Connection): void {
    sessions.use((session) => proveKnownAnswers(session, masters, this.settings.pinned));
  }

  /** Every use of the HSM. Whatever it throws ends this connection, and the work is tried again on the next one. */
  private run<T>(work: (connection: Connection) => T): T {
    for (let attempt = 1; ; attempt += 1) {
      const connection = this.connection ?? this.repair();
      try {
        return work(connection);
      } catch (error) {
        const trouble = troubleOf(error);
        const about = { reason: trouble.message, generation: connection.generation };
        if (trouble instanceof SlowHsm) {
          this.log.warn('the HSM is slow; a question was given up', about);
          throw trouble; // a new connection would be as slow
        }
        this.connection = undefined;
        this.log.warn('the HSM failed; its connection is dropped', about);
        if (attempt === ATTEMPTS) throw trouble;
      }
    }
  }

  /** Throws HsmTrouble. First new sessions and a new login; as the last resort the whole module anew. */
  private repair(): Connection {
    if (this.clock.now() < this.notBeforeMs) throw new HsmTrouble('the HSM is not back yet');
    this.generation += 1;
    for (const step of ['sessions', 'module'] as const) {
      try {
        if (step === 'module') {
          this.cryptoki.finalize();
          this.cryptoki.initialize();
        }
        this.connection = connect(this.cryptoki, this.settings, this.generation);
        this.log.info('the HSM is connected again', { generation: this.generation, by: step });
        return this.connection;
      } catch (error) {
        const reason = returnValueOf(error)?.text ?? reasonOf(error);
        this.log.error('the HSM could not be repaired', { by: step, reason });
      }
    }
    this.notBeforeMs = this.clock.now() + REPAIR_PAUSE_MS;
    throw new HsmTrouble('the HSM could not be repaired');
  }
}

/** It answers, but not in time. */
class SlowHsm extends HsmTrouble {}

/** Rethrows what is no fault of the HSM. */
function troubleOf(error: unknown): HsmTrouble {
  if (error instanceof HsmTrouble) return error;
  const value = returnValueOf(error);
  if (!value && !(error instanceof WrongToken)) throw error;
  return new HsmTrouble(value?.text ?? reasonOf(error), { cause: error });
}

function algorithmOf(key: MessageKey): Algorithm {
  if (key.kind === 'challenges') return 'SHA256';
  return key.kind === 'device' ? key.label.algorithm : key.algorithm;
}

/** One name for one key: of everything that it is derived or opened from, where no part can hold the separator. */
function nameOf(key: MessageKey): string {
  if (key.kind === 'challenges') return ['challenges', key.tenant].join('|');
  if (key.kind === 'decoy') return ['decoy', key.tenant, key.algorithm].join('|');
  return [key.reference, nameOfLabel(key.label)].join('|');
}

/** As long as any HSM takes a label. */
const labelOfHeld = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32);
