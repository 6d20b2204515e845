import type { Chance } from '../torture/chance/chance.js';

const TENANTS = ['acme', 'beta'];
const EVENTS_AN_ACCOUNT = 20;
const RECORDS = 0.02; // of all entries: devices' keys, which follow nothing

/** Entries as the ledger's, about 450 bytes each: accounts' events in any order, each after the one before it. */
export const madeEntries = (count: number, chance: Chance): Buffer[] => [...entriesOneByOne(count, chance)];

export function* entriesOneByOne(count: number, chance: Chance): Generator<Buffer, void> {
  const last = new Map<number, number>();
  const accounts = Math.max(2, Math.floor(count / EVENTS_AN_ACCOUNT));
  for (let index = 0; index < count; index += 1) {
    const account = chance.whole(accounts);
    const subject = `ledger.${TENANTS[account % TENANTS.length]}.${account.toString(36).padStart(20, '0')}`;
    if (chance.happens(RECORDS)) {
      yield entry(`${subject}.${hex(chance, 6)}.1`, { reference: hex(chance, 80) });
      continue;
    }
    yield entry(subject, eventOf(index, last.get(account) ?? 0, chance));
    last.set(account, index + 1);
  }
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
