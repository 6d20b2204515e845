const FIRST_ROOM = 1 << 16;

export const KINDS = [
  'none',
  'other',
  'accepted',
  'confirmed',
  'repeated',
  'rejected',
  'replayed',
  'disabled',
  'enabled',
  'revoked',
  'nobody',
  'challenge_accepted',
  /** rejected: the code was another one */
  'challenge_wrong',
  /** rejected: whatever the code was */
  'challenge_refused',
] as const;
export type Kind = (typeof KINDS)[number];

/** What is kept of an event: no text, so that millions of them fit. */
export interface Row {
  kind: Kind;
  /** index of the account; -1: no account's */
  account: number;
  /** index of the device; -1: none */
  device: number;
  /** of a challenge: its index */
  counter: number;
  after: number;
  /** hash of the caller that asked */
  by: number;
  /** when it was judged, and when it was stored; ms since 1970 */
  at: number;
  storedAt: number;
  /** hash of the digest of the request; 0: none */
  request: number;
}

/** Events by their ledger sequence, and what answers have claimed of them. */
export class Columns {
  last = 0;
  private room = 0;
  private kinds = new Uint8Array();
  private accounts = new Int32Array();
  private devices = new Int32Array();
  private counters = new Float64Array();
  private afters = new Uint32Array();
  private bys = new Int32Array();
  private ats = new Float64Array();
  private storedAts = new Float64Array();
  private requests = new Int32Array();
  /** hash of the question that an answer gave this event's verdict to; 0: none yet */
  questions = new Int32Array();
  /** answers that said: this is my own event */
  owners = new Uint8Array();
  /** of an acceptance: `repeated` events that no answer has used up */
  repeats = new Int16Array();
  /** of an acceptance: the key service matched it before */
  proven = new Uint8Array();

  put(sequence: number, row: Row): void {
    if (sequence >= this.room) this.grow(sequence);
    this.last = Math.max(this.last, sequence);
    this.kinds[sequence] = KINDS.indexOf(row.kind);
    this.accounts[sequence] = row.account;
    this.devices[sequence] = row.device;
    this.counters[sequence] = row.counter;
    this.afters[sequence] = row.after;
    this.bys[sequence] = row.by;
    this.ats[sequence] = row.at;
    this.storedAts[sequence] = row.storedAt;
    this.requests[sequence] = row.request;
  }

  /** Undefined: nothing of an account's lies there. */
  at(sequence: number): Row | undefined {
    const kind = KINDS[this.kinds[sequence] ?? 0];
    if (kind === undefined || kind === 'none') return undefined;
    return {
      kind,
      account: this.accounts[sequence] as number,
      device: this.devices[sequence] as number,
      counter: this.counters[sequence] as number,
      after: this.afters[sequence] as number,
      by: this.bys[sequence] as number,
      at: this.ats[sequence] as number,
      storedAt: this.storedAts[sequence] as number,
      request: this.requests[sequence] as number,
    };
  }

  private grow(sequence: number): void {
    this.room = Math.max(FIRST_ROOM, 2 * sequence);
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    const { room } = this;
    this.kinds = grown(new Uint8Array(room), this.kinds);
    this.accounts = grown(new Int32Array(room), this.accounts);
    this.devices = grown(new Int32Array(room), this.devices);
    this.counters = grown(new Float64Array(room), this.counters);
    this.afters = grown(new Uint32Array(room), this.afters);
    this.bys = grown(new Int32Array(room), this.bys);
    this.ats = grown(new Float64Array(room), this.ats);
    this.storedAts = grown(new Float64Array(room), this.storedAts);
    this.requests = grown(new Int32Array(room), this.requests);
    this.questions = grown(new Int32Array(room), this.questions);
    this.owners = grown(new Uint8Array(room), this.owners);
    this.repeats = grown(new Int16Array(room), this.repeats);
    this.proven = grown(new Uint8Array(room), this.proven);
  }
}

/** 32 bits of FNV-1a, never 0: a meeting by chance can hide one violation in four thousand million, and make none up. */
export function hash(...parts: string[]): number {
  let value = 0x811c9dc5;
  for (const character of Buffer.from(parts.join('\0'))) value = Math.imul(value ^ character, 0x01000193);
  return value | 0 || 1;
}
