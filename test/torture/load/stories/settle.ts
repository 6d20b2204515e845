import type { Actor } from '../actor.js';
import type { Reply } from '../asker.js';
import type { Person } from '../people.js';
import { verify } from './sign-in.js';

const ROUNDS = 4; // a budget that closes again and again while it is reopened

/** Whether what came back says that the open code is spent. */
export function taken(actor: Actor, person: Person, replies: Reply[]): boolean {
  const { open, device } = person;
  const verdicts = replies.flatMap((reply) => (reply.kind === 'verdict' ? [reply.verdict] : []));
  const accepted = verdicts.filter(({ verdict, repeated }) => verdict === 'accepted' && !repeated);
  if (open === undefined || !verdicts.some(({ verdict, reason }) => verdict === 'accepted' || reason === 'replayed'))
    return false;
  if (accepted.length > 1)
    actor.stage.suspect(`${person.name}: counter ${open.counter} accepted ${accepted.length} times`);
  device.gone(open);
  delete person.open;
  return true;
}

/** Asks about the open code, under its requestId, until its outcome is known. False: it is not known yet. */
export async function settle(actor: Actor, person: Person): Promise<boolean> {
  const { stage, chance } = actor;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { open, device } = person;
    if (open === undefined) return true;
    const by = () => stage.callers.same(open.by, chance);
    const reply = await actor.insist(by, person, verify(person, open, 'retry'));
    if (taken(actor, person, [reply])) return true;
    if (reply.kind !== 'verdict') return false;
    switch (reply.verdict.reason) {
      case 'locked':
        if (!(await actor.operator(person, 'account.unlock'))) return false;
        break;
      case 'wrong_code':
        if (device.type === 'hotp') actor.stage.suspect(`${person.name}: counter ${open.counter} was called wrong`);
        device.gone(open); // TOTP: its time was over
        delete person.open;
        return true;
      default:
        return false;
    }
  }
  return false;
}
