import { HASH_SIZES, counterBytes } from '@countersign/oath';
import { reasonOf } from '@countersign/runtime';
import type { Clock, Log } from '@countersign/runtime';
import { HsmTrouble } from '../hsm-driver.js';
import type { DeviceLabel, ExchangeWith, HsmDriver, Imported, KeyUse, Macs, Provisioned } from '../hsm-driver.js';
import { parseReference } from '../key-reference.js';
import { decoyKeyData, deviceKeyData } from '../labels.js';
import { connect } from './connection.js';
import type { Connection, TokenSettings } from './connection.js';
import { Cryptoki, returnValueOf } from './cryptoki.js';
import { importSeed, provision } from './exchange.js';
import type { ImportExchange } from './exchange.js';
import { proveKnownAnswers } from './known-answers.js';
import { PinRefused, WrongToken, newest } from './masters.js';
import { openSealed } from './sealed.js';
import type { OpenedKey } from './sealed.js';
import type { Session } from './session.js';
import { SESSION, macKey } from './templates.js';

export interface Pkcs11Settings extends TokenSettings {
  modulePath: string;
}

/** After a repair that failed, the next is not tried before this has passed. */
const REPAIR_PAUSE_MS = 1000;

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
    const counters = Array.from({ length: count }, (_, at) => counterBytes(from + at));
    return this.run((connection) => {
      const first = this.compute(connection, key, counters);
      if (first.kind !== 'refused') return first;
      this.proveWell(connection);
      const second = this.compute(connection, key, counters); // the refusal may have been the HSM's passing trouble
      return second.kind === 'refused' ? { kind: 'unknown-key' } : second;
    });
  }

  async provision(exchange: ExchangeWith): Promise<Provisioned> {
    return this.run(({ sessions, masters }) => sessions.use((session) => provision(session, masters, exchange)));
  }

  async import(exchange: ImportExchange): Promise<Imported> {
    const importPoint = Buffer.from(this.settings.pinned.import.point, 'base64url');
    return this.run((connection) => {
      const { sessions, masters } = connection;
      const opened = sessions.use((session) => importSeed(session, masters, exchange, importPoint));
      if (opened.kind !== 'refused') return opened;
      this.proveWell(connection);
      return { kind: 'unopened' };
    });
  }

  async receipt(message: Uint8Array): Promise<Buffer> {
    const bytes = Buffer.from(message);
    return this.run(({ sessions, masters }) =>
      sessions.use((session) => session.hmac('SHA256', newest(masters.versions.receipts).handle, bytes)),
    );
  }

  async signAsAudit(message: Uint8Array): Promise<Buffer> {
    const bytes = Buffer.from(message);
    return this.run(({ sessions, masters }) =>
      sessions.use((session) => session.sign(masters.pairs.audit.privateKey, bytes)),
    );
  }

  async close(): Promise<void> {
    this.connection = undefined;
    this.cryptoki.finalize();
  }

  private compute({ sessions, keeper, masters }: Connection, key: KeyUse, counters: Buffer[]): Computed {
    const { algorithm } = key.kind === 'device' ? key.label : key;
    try {
      const handle = keeper.key(cacheName(key), (session) => {
        const opened = this.open(session, masters, key);
        if (opened.kind !== 'key') throw new NotOpened(opened.kind);
        return opened.key;
      });
      const macs = sessions.use((session) => counters.map((counter) => session.hmac(algorithm, handle, counter)));
      if (macs.every((mac) => mac.length === HASH_SIZES[algorithm].macBytes)) return { kind: 'macs', macs };
    } catch (error) {
      if (!(error instanceof NotOpened)) throw error;
      return { kind: error.why === 'refused' ? 'refused' : 'unknown-key' };
    }
    throw new HsmTrouble('a MAC has another length than its hash');
  }

  /** The key in the HSM's memory, made in the keeper's session. */
  private open(session: Session, masters: Connection['masters'], key: KeyUse): OpenedKey {
    const derive = (version: number, data: Buffer, lengthBytes: number): OpenedKey => {
      const master = masters.versions.devices.get(version);
      if (!master) return { kind: 'unknown' };
      return { kind: 'key', key: session.deriveByEncryption(master, data, macKey('mac', SESSION, lengthBytes)) };
    };
    if (key.kind === 'decoy') {
      const { version } = newest(masters.versions.devices);
      return derive(version, decoyKeyData(key.tenant, key.algorithm), HASH_SIZES[key.algorithm].macBytes);
    }
    const { label } = key;
    const reference = parseReference(key.reference);
    if (reference?.kind === 'sealed') return openSealed(session, masters, key.reference, label);
    if (!reference) return { kind: 'unknown' };
    return derive(reference.version, deviceKeyData(label, reference.nonce), HASH_SIZES[label.algorithm].macBytes);
  }

  /**
   * An HSM says the same of a bad blob and of its own trouble. Ask it what is known: if that is right, it is well and
   * this returns; if not, the error is repaired like any other.
   */
  private proveWell({ sessions, masters }: Connection): void {
    sessions.use((session) => proveKnownAnswers(session, masters, this.settings.pinned));
  }

  /** Every use of the HSM. Whatever it throws ends this connection; the next one is made at once. */
  private run<T>(work: (connection: Connection) => T): T {
    const connection = this.connection ?? this.repair();
    try {
      return work(connection);
    } catch (error) {
      const value = returnValueOf(error);
      if (!value && !(error instanceof WrongToken) && !(error instanceof HsmTrouble)) throw error;
      const reason = value?.text ?? reasonOf(error);
      this.log.warn('the HSM failed; its connection is dropped', { reason, generation: connection.generation });
      this.connection = undefined;
      this.tryRepair();
      throw new HsmTrouble(reason, { cause: error });
    }
  }

  private tryRepair(): void {
    try {
      this.repair();
    } catch {
      // said in the log; the next question tries again
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
        this.log.error('the HSM could not be repaired', {
          by: step,
          reason: returnValueOf(error)?.text ?? reasonOf(error),
        });
        this.notBeforeMs = this.clock.now() + REPAIR_PAUSE_MS;
        if (error instanceof PinRefused) {
          this.notBeforeMs = Number.POSITIVE_INFINITY; // until an operator starts this replica with the right one
          break;
        }
      }
    }
    throw new HsmTrouble('the HSM could not be repaired');
  }
}

/** One name for one key: everything that it is derived or opened from. No part can hold the separator. */
function cacheName(key: KeyUse): string {
  if (key.kind === 'decoy') return `decoy|${key.tenant}|${key.algorithm}`;
  const { tenant, account, device, epoch, algorithm }: DeviceLabel = key.label;
  return [key.reference, tenant, account, device, epoch, algorithm].join('|');
}
