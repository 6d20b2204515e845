import type { Actor } from '../actor.js';
import type { Shown } from '../held-device.js';
import type { Person } from '../people.js';
import { enrolAnother } from './enrol.js';
import { settle } from './settle.js';
import { askAgain, sendCopies, show, showAgain } from './sign-in.js';

const CROSS_WITHIN_MS = 30;

/** An operator disables a device while its owner signs in, and enables it again. */
export async function disable(actor: Actor, person: Person): Promise<void> {
  await crossing(actor, person, 'device.disable', 'disabling');
  await makeReady(actor, person);
}

/** An operator revokes a device while its owner signs in; the owner gets another one. */
export async function revoke(actor: Actor, person: Person): Promise<void> {
  await crossing(actor, person, 'device.revoke', 'revoking');
  await makeReady(actor, person);
}

/** The person has an active device again, and no code whose outcome is unknown. False: not now. */
export async function makeReady(actor: Actor, person: Person): Promise<boolean> {
  if (person.standing === 'disabling' && (await actor.operator(person, 'device.enable'))) person.standing = 'active';
  if (person.standing === 'revoking' && (await actor.operator(person, 'device.revoke'))) person.standing = 'revoked';
  if (person.standing === 'revoked') {
    delete person.open;
    await enrolAnother(actor, person);
  }
  return person.standing === 'active' && settle(actor, person);
}

type Word = 'device.disable' | 'device.revoke';

async function crossing(actor: Actor, person: Person, word: Word, standing: Person['standing']): Promise<void> {
  const { chance } = actor;
  const shown = show(actor, person);
  if (!shown) return;
  const copies = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, CROSS_WITHIN_MS)));
    await sendCopies(actor, person, shown);
  };
  person.standing = standing;
  const [done] = await Promise.all([actor.operator(person, word), copies()]);
  if (done) await tryAll(actor, person, shown);
}

/** After the operator's word was acknowledged nothing of this device may be accepted, whether shown before or not. */
async function tryAll(actor: Actor, person: Person, shown: Shown): Promise<void> {
  const counter = shown.counter + 1;
  const next = { ...shown, counter, code: person.device.code(counter), requestId: actor.requestId() };
  const earlier = person.device.spent.at(-1);
  await Promise.all([
    askAgain(actor, person, shown),
    askAgain(actor, person, next),
    ...(earlier ? [askAgain(actor, person, earlier), showAgain(actor, person, earlier)] : []),
  ]);
}
