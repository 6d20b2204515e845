import { Failure } from '@countersign/caller';
import { SystemClock } from '@countersign/runtime';
import type { Ours } from '../verdicts/ours.js';
import { keyOf, nameOf } from '../verdicts/load.js';
import { Person } from '../verdicts/people.js';

const IN_FLIGHT = 64;
const EVENTS_EACH = 10; // an account, its device's key and import, right codes, and wrong ones until the budget closes
const RIGHT_CODES = 3; // a code of the step before, of this one, of the next

/** Has the platform make a history of so many events or a few more: people are enrolled, and sign in rightly and wrongly. */
export async function makeHistory(ours: Ours, events: number, say: (line: string) => void): Promise<void> {
  const clock = new SystemClock();
  const app = await ours.world.caller('app');
  const count = Math.max(1, Math.ceil(events / EVENTS_EACH));
  await ours.enrol(count, (done) => done % 1024 === 0 && say(`  ${done} of ${count} accounts`));
  const people = Array.from({ length: count }, (_, at) => new Person(nameOf(at), keyOf(at)));
  let last = 0;
  let asked = 0;
  const ask = async (): Promise<void> => {
    while (last < events) {
      const turn = Math.floor(asked / count);
      const person = people[asked % count] as Person;
      asked += 1;
      const now = clock.now();
      const code = (turn < RIGHT_CODES ? person.next(now)?.code : undefined) ?? person.wrong(now);
      const account = turn < EVENTS_EACH ? person.name : `nobody-${asked}`;
      const { sequence } = await app.verify({ account, code }).catch(asNothing);
      if (sequence > last) last = sequence;
      if (asked % 10_000 === 0) say(`  ${last} of ${events} events`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, ask));
}

/** On a busy machine one or the other is not answered. */
function asNothing(error: unknown): { sequence: number } {
  if (error instanceof Failure) return { sequence: 0 };
  throw error;
}
