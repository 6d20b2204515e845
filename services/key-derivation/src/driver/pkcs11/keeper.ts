import type { Handle } from 'pkcs11js';
import { CACHED_KEYS, KEY_LOOKUPS } from '../../key-metrics.js';
import type { Session } from './session.js';

/** A key in the HSM's memory. */
export interface HeldKey {
  handle: Handle;
  /** what its HMAC of HANDLE_PROOF was when it was made: another later means that the handle denotes another key by now */
  proof: Buffer;
}

/**
 * Holds device keys between questions: each in the HSM's own memory (about 9 KB in SoftHSM), here only its handle.
 * They belong to a session that never runs an operation, so that no failed operation takes them along. A keeper is of
 * one generation of the connection and is dropped whole at a repair: afterwards the same handle number can denote
 * another device's key.
 */
export class Keeper {
  private readonly keys = new Map<string, HeldKey>(); // in the order of their last use

  /** `maxKeys`: the least recently used key beyond it is destroyed. */
  constructor(
    private readonly session: Session,
    private readonly maxKeys: number,
  ) {}

  get size(): number {
    return this.keys.size;
  }

  /** The key of that name; made by `make` in the keeper's session when it is not here. */
  key(name: string, make: (session: Session) => HeldKey): HeldKey {
    let held = this.keys.get(name);
    KEY_LOOKUPS.inc({ found: held === undefined ? 'made' : 'cached' });
    if (held === undefined) {
      this.makeRoom();
      held = make(this.session);
    } else {
      this.keys.delete(name);
    }
    this.keys.set(name, held);
    CACHED_KEYS.set(this.keys.size);
    return held;
  }

  private makeRoom(): void {
    if (this.keys.size < this.maxKeys) return;
    const [name, { handle }] = this.keys.entries().next().value!;
    this.keys.delete(name);
    this.session.destroy(handle);
  }
}
