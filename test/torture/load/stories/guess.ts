import { randomId } from '@countersign/runtime';
import type { Actor } from '../actor.js';
import type { Person } from '../people.js';
import { showAgain } from './sign-in.js';

const STORM = [5, 25] as const;
const ORIGINS = 4; // of a guesser who changes cookies
const KNOWS_ORIGIN = 0.1; // who stole the owner's cookie
const FORGOTTEN_MS = 60_000; // so long the key service refuses a device after too many wrong codes
const ASKS_AGAIN = 0.5;

/** One wrong code, somewhere. */
export function guessOnce(actor: Actor): Promise<void> {
  return guess(actor, actor.stage.people.any(actor.chance), 1);
}

/** Many wrong codes at once for one victim, through every caller, while an operator may reopen its budgets. */
export async function storm(actor: Actor): Promise<void> {
  const { chance, stage } = actor;
  if (!stage.ending.leaves(FORGOTTEN_MS)) return; // else the last questions would wait for that
  const victim = stage.people.victim(chance);
  const guesses = guess(actor, victim, Math.floor(chance.between(...STORM)));
  await Promise.all([guesses, chance.happens(0.5) && actor.operator(victim, 'account.unlock')]);
}

async function guess(actor: Actor, person: Person, count: number): Promise<void> {
  const { chance, stage, requestId } = actor;
  const origins = Array.from({ length: ORIGINS }, () => randomId(chance, 8));
  const asked = person.device.wrong(count, chance).map(async (code) => {
    const by = stage.callers.verifier(person.tenant, chance);
    const origin = chance.happens(KNOWS_ORIGIN) ? person.origin : chance.among([undefined, ...origins]);
    const stated = origin === undefined ? {} : { origin };
    const question = {
      verb: 'verify',
      name: person.name,
      code,
      requestId: requestId(),
      ...stated,
      intent: 'guess',
    } as const;
    const reply = await actor.ask(by, person, question);
    if (reply.kind !== 'failure' || !chance.happens(ASKS_AGAIN) || !(await actor.rest(reply, 0))) return;
    await actor.ask(stage.callers.same(by, chance), person, question);
  });
  await Promise.all(asked);
}

/** A code that was accepted a while ago, seen by somebody else. */
export async function replay(actor: Actor): Promise<void> {
  const person = actor.stage.people.any(actor.chance);
  const { spent } = person.device;
  if (spent.length > 0) await showAgain(actor, person, actor.chance.among(spent));
}
