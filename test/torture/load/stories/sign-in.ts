import type { Question } from '../../history/entry.js';
import type { Reply } from '../asker.js';
import type { Shown } from '../held-device.js';
import type { Person } from '../people.js';
import type { Actor } from '../actor.js';
import { settle, taken } from './settle.js';

const SKIPS = 0.05; // a person pressed the button once too often
const NAMES_DEVICE = 0.3;
const ONE_REQUEST_ID = 0.15; // the copies are retries of one attempt, and cross each other
const ASKS_AGAIN = 0.1;
const SHOWS_AGAIN = 0.1;
const MISTYPES_UNDER_SAME_ID = 0.03;

/** A fresh code, sent several times at once; then whatever a backend does until it knows. */
export async function signIn(actor: Actor, person: Person): Promise<void> {
  const shown = show(actor, person);
  if (!shown) return;
  const replies = await sendCopies(actor, person, shown);
  if (!taken(actor, person, replies)) await settle(actor, person);
  await afterwards(actor, person, shown);
}

/** The next code in this person's hand; nothing when there is none yet. Its outcome is open from now on. */
export function show({ stage, chance, requestId }: Actor, person: Person): Shown | undefined {
  const { device, origin, tenant } = person;
  const counter = device.fresh(stage.clock.now(), chance.happens(SKIPS) ? 1 + chance.whole(3) : 0);
  if (counter === undefined) return undefined;
  stage.shown();
  person.open = {
    shownBy: device.id,
    counter,
    code: device.code(counter),
    by: stage.callers.verifier(tenant, chance),
    requestId: requestId(),
    ...(origin !== undefined && { origin }),
    named: chance.happens(NAMES_DEVICE),
  };
  return person.open;
}

export function sendCopies(actor: Actor, person: Person, shown: Shown): Promise<Reply[]> {
  const { chance, stage, requestId } = actor;
  const oneId = chance.happens(ONE_REQUEST_ID);
  const another = (): Shown =>
    oneId
      ? { ...shown, by: stage.callers.same(shown.by, chance) }
      : { ...shown, by: stage.callers.verifier(person.tenant, chance), requestId: requestId() };
  const copies = [shown, ...Array.from({ length: stage.copies - 1 }, another)];
  return Promise.all(copies.map((copy) => actor.ask(copy.by, person, verify(person, copy, 'fresh'))));
}

type Verify = Extract<Question, { verb: 'verify' }>;

export function verify({ name }: Person, shown: Shown, intent: Verify['intent']): Verify {
  const { code, requestId, shownBy, counter, origin, named } = shown;
  const stated = { ...(origin !== undefined && { origin }), ...(named && { device: shownBy }) };
  return { verb: 'verify', name, code, requestId, ...stated, shownBy, counter, intent };
}

/** What backends and people do once they know. */
async function afterwards(actor: Actor, person: Person, shown: Shown): Promise<void> {
  const { chance } = actor;
  if (chance.happens(ASKS_AGAIN)) await askAgain(actor, person, shown);
  if (chance.happens(SHOWS_AGAIN)) await showAgain(actor, person, shown);
  if (!chance.happens(MISTYPES_UNDER_SAME_ID)) return;
  const [code = ''] = person.device.wrong(1, chance);
  const { counter: _, shownBy: __, ...mistyped } = verify(person, { ...shown, code }, 'guess');
  await actor.ask(shown.by, person, mistyped);
}

/** The same code under the same requestId. */
export function askAgain(actor: Actor, person: Person, shown: Shown): Promise<Reply> {
  const by = actor.stage.callers.same(shown.by, actor.chance);
  return actor.ask(by, person, verify(person, shown, 'retry'));
}

/** The same code under another requestId, or by another caller under the same: a requestId is its caller's. */
export async function showAgain(actor: Actor, person: Person, shown: Shown): Promise<void> {
  const by = actor.stage.callers.verifier(person.tenant, actor.chance);
  const settled = person.open !== shown;
  const requestId = by.caller === shown.by.caller ? actor.requestId() : shown.requestId;
  const reply = await actor.ask(by, person, verify(person, { ...shown, requestId }, 'replay'));
  const again = reply.kind === 'verdict' && reply.verdict.verdict === 'accepted';
  if (settled && again && !person.device.twin(shown.counter))
    actor.stage.suspect(`${person.name}: counter ${shown.counter} was accepted when shown again`);
}
