// Loaded by `node --import` into one replica of key-derivation: its real PKCS#11 module, with faults in front of it. Which
// are in force stands in the file HSM_FAULTS_FILE (hsm-faults.ts writes it). Calls look there themselves, since a call that
// hangs holds the event loop. For tests only.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** @typedef {{ id: number, kind: string, ms?: number, everyMs?: number, mechanism?: string, value?: string }} Fault */
/** @typedef {import('pkcs11js').PKCS11} PKCS11 */
/** @typedef {import('pkcs11js').Handle} Handle */
/** @typedef {import('pkcs11js').Mechanism} Mechanism */

const LOOK_EVERY_MS = 5;
const CODES = { CKR_DEVICE_ERROR: 0x30, CKR_MECHANISM_INVALID: 0x70, CKR_SESSION_COUNT: 0xb1 };

const [, main = ''] = process.argv;
const file = process.env['HSM_FAULTS_FILE'] ?? '';
/** @type {typeof import('pkcs11js') & Record<string, unknown>} */
const pkcs11js = createRequire(main)('pkcs11js'); // the one that the service loads

/** What is in force, and which of it has begun in this process. */
class InForce {
  /** @type {Fault[]} */
  #faults = [];
  #lookedAt = 0;
  #seen = '';
  /** faults that this process found at its start, so that it does not die of what it died of before */
  #before = new Set(this.#read().map(({ id }) => id));
  #begun = new Set(this.#before);
  /** when each last happened, ms */
  #happened = new Map();

  /** Looks at the file, if it is time; gives the faults that are new. */
  look() {
    if (performance.now() - this.#lookedAt < LOOK_EVERY_MS) return [];
    this.#lookedAt = performance.now();
    const begin = this.#read().filter(({ id }) => !this.#begun.has(id));
    for (const { id } of begin) this.#begun.add(id);
    return begin;
  }

  /** @param {string} kind */
  find(kind) {
    return this.#faults.find((fault) => fault.kind === kind && !this.#before.has(fault.id));
  }

  /** Whether a fault that happens every so often happens now. @param {string} kind */
  due(kind) {
    const fault = this.find(kind);
    if (!fault || performance.now() - (this.#happened.get(fault.id) ?? -Infinity) < (fault.everyMs ?? 0)) return false;
    this.#happened.set(fault.id, performance.now());
    return true;
  }

  #read() {
    const { mtimeMs, ino } = statSync(file);
    const seen = `${mtimeMs} ${ino}`;
    if (seen !== this.#seen) this.#faults = /** @type {Fault[]} */ (JSON.parse(readFileSync(file, 'utf8')));
    this.#seen = seen;
    return this.#faults;
  }
}

/** Keys in the HSM's memory, and what each handle denotes after the module numbered its objects anew. */
class Handles {
  /** the session that made each, by the handle in hexadecimal @type {Map<string, Handle>} */
  #held = new Map();
  /** @type {Map<string, Handle>} */
  #denotes = new Map();

  /** @param {Handle} handle @param {Handle} session */
  hold(handle, session) {
    this.#held.set(handle.toString('hex'), session);
    return handle;
  }

  /** @param {Handle} handle */
  release(handle) {
    this.#held.delete(handle.toString('hex'));
  }

  forget() {
    this.#held.clear();
    this.#denotes.clear();
  }

  /** @param {(session: Handle, handle: Handle) => void} work */
  each(work) {
    for (const [handle, session] of this.#held) work(session, Buffer.from(handle, 'hex'));
  }

  /** Each handle denotes its neighbour's key from now on. */
  renumber() {
    const all = [...this.#held.keys()];
    all.forEach((handle, at) => this.#denotes.set(handle, Buffer.from(all[(at + 1) % all.length] ?? '', 'hex')));
  }

  /** @param {Handle} handle */
  denoted(handle) {
    return this.#denotes.get(handle.toString('hex')) ?? handle;
  }
}

const inForce = new InForce();
const handles = new Handles();

/** @param {keyof typeof CODES} value @param {string} method @returns {never} */
function refuse(value, method) {
  throw new pkcs11js.Pkcs11Error(value, CODES[value], method);
}

/** What happens once, when a fault is new. @type {Record<string, (real: PKCS11) => void>} */
const BEGIN = {
  'sessions-exhausted': (real) => real.C_GetSlotList(true).forEach((slot) => real.C_CloseAllSessions(slot)),
  'handles-gone': (real) => handles.each((session, handle) => real.C_DestroyObject(session, handle)),
  'handles-renumbered': () => handles.renumber(),
};

/** Each call comes by here. @param {PKCS11} real */
function enter(real) {
  const beganMs = performance.now();
  for (;;) {
    for (const { kind } of inForce.look()) BEGIN[kind]?.(real);
    if (performance.now() - beganMs >= (inForce.find('slow')?.ms ?? 0)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
}

/** @param {string} method @param {Mechanism} mechanism */
function refuseMechanism(method, { mechanism }) {
  const fault = inForce.find('mechanism-fails');
  if (fault?.mechanism !== undefined && pkcs11js[fault.mechanism] === mechanism)
    refuse(/** @type {keyof typeof CODES} */ (fault.value), method);
}

/** The calls that can fail otherwise than the real ones. @param {PKCS11} real @returns {Partial<PKCS11>} */
const faulty = (real) => ({
  C_OpenSession(slot, flags) {
    enter(real);
    if (inForce.find('sessions-exhausted')) refuse('CKR_SESSION_COUNT', 'C_OpenSession');
    return real.C_OpenSession(slot, flags);
  },
  C_SignInit(session, mechanism, key) {
    enter(real);
    refuseMechanism('C_SignInit', /** @type {Mechanism} */ (mechanism));
    real.C_SignInit(session, mechanism, handles.denoted(key));
  },
  C_Sign(session, data, out) {
    enter(real);
    if (inForce.due('killed')) process.kill(process.pid, 'SIGKILL');
    if (inForce.due('session-closed')) real.C_CloseSession(session);
    if (inForce.due('finalized')) {
      handles.forget();
      real.C_Finalize();
    }
    return real.C_Sign(session, data, out);
  },
  C_DeriveKey(session, mechanism, key, template) {
    enter(real);
    refuseMechanism('C_DeriveKey', /** @type {Mechanism} */ (mechanism));
    return handles.hold(real.C_DeriveKey(session, mechanism, key, template), session);
  },
  C_UnwrapKey(session, mechanism, key, wrapped, template) {
    enter(real);
    refuseMechanism('C_UnwrapKey', /** @type {Mechanism} */ (mechanism));
    return handles.hold(real.C_UnwrapKey(session, mechanism, key, wrapped, template), session);
  },
  C_GetAttributeValue: (session, object, template) =>
    real.C_GetAttributeValue(session, handles.denoted(object), template),
  C_DestroyObject(session, object) {
    handles.release(object);
    real.C_DestroyObject(session, object);
  },
  C_CloseAllSessions(slot) {
    handles.forget();
    real.C_CloseAllSessions(slot);
  },
  C_Finalize() {
    handles.forget();
    real.C_Finalize();
  },
});

const { PKCS11 } = pkcs11js;
/** A module whose calls are those of `faulty`, and else the real ones. */
pkcs11js.PKCS11 = /** @type {typeof PKCS11} */ (
  /** @type {unknown} */ (
    function faultyModule() {
      const real = new PKCS11();
      return Object.setPrototypeOf(faulty(real), bound(real));
    }
  )
);

/** A native object's methods work on itself only. @param {PKCS11} real */
const bound = (real) =>
  new Proxy(real, {
    get(target, name) {
      const value = /** @type {unknown} */ (Reflect.get(target, name));
      return typeof value === 'function' ? /** @type {unknown} */ (value.bind(target)) : value;
    },
  });
