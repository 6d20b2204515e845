import type { Chance } from '../torture/chance/chance.js';

const TENANTS = ['acme', 'beta'];
const EVENTS_AN_ACCOUNT = 20;
const RECORDS = 0.02; // of all entries: devices' keys, which follow nothing

/** Entries as the ledger's, about 450 bytes each: accounts' events in any order, each after the one before it. */
export function madeEntries(count: number, chance: Chance): Buffer[] {
  const last = new Map<string, number>();
  const accounts = Math.max(2, Math.floor(count / EVENTS_AN_ACCOUNT));
  return Array.from({ length: count }, (_, index) => {
    const account = chance.whole(accounts);
    const subject = `ledger.${TENANTS[account % TENANTS.length]}.${account.toString(36).padStart(20, 'q')}`;
    if (chance.happens(RECORDS))
      return entry(`${subject}.${chance.whole(2 ** 31).toString(36)}.1`, { reference: hex(chance, 80) });
    const after = last.get(subject) ?? 0;
    last.set(subject, index + 1);
    return entry(subject, eventOf(index, after, chance));
  });
}

/** One that was never appended. */
export const inventedEntry = (chance: Chance): Buffer =>
  entry(`ledger.acme.${hex(chance, 10)}`, eventOf(chance.whole(1e6), 0, chance));

const entry = (subject: string, body: object): Buffer => Buffer.from(`${subject}\n${JSON.stringify(body)}`);

const eventOf = (index: number, after: number, chance: Chance): object => ({
  type: 'accepted',
  device: hex(chance, 6),
  counter: 59_844_792 + index,
  receipt: hex(chance, 32),
  verb: 'verify',
  at: 1_795_343_739_000 + index * 3,
  by: 'app',
  state: {
    v: 1,
    names: 1,
    devices: [{ id: hex(chance, 6), floor: 59_844_792 + index, record: 4 }],
    recent: [hex(chance, 32)],
  },
  after,
  nonce: hex(chance, 9),
});

const hex = (chance: Chance, bytes: number): string => chance.bytes(bytes).toString('hex');
