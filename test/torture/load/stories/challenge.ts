import { openCode } from '@countersign/caller';
import { CODE_LETTERS, type IssueChallengeReply } from '@countersign/contracts';
import type { Chance } from '../../chance/chance.js';
import type { ChallengeQuestion } from '../../history/entry.js';
import type { Actor } from '../actor.js';
import type { Connected, Reply } from '../asker.js';
import type { Person } from '../people.js';

const IS_SHORT = 0.2; // it ends while it is shown
const SHORT_MS = [300, 1500] as const;
const NAMES_OTHER = 0.5;
const HAS_LETTERS = 0.3;
const LETTERS = 6;
const TRIES = 3;
const CROSS_WITHIN_MS = 30;
const ONE_REQUEST_ID = 0.2;

/** A challenge in hand: its code was read by the caller that ordered it. */
interface Held {
  challenge: string;
  code: string;
  expiresAt: number;
  /** who ordered it */
  by: Connected;
  /** the other verifier of the tenant was named, too */
  shared: boolean;
}

type Course = (actor: Actor, person: Person, held: Held) => Promise<void>;

/** What becomes of challenges, and how often, compared with the others. */
const COURSES: [often: number, course: Course][] = [
  [10, show],
  [2, guessThenShow],
  [2, guessAll],
  [4, cancelAndShow],
  [2, foreignThenShow],
];

/** A code for one purpose: ordered, read, and shown several times at once, guessed, cancelled meanwhile, or too late. */
export async function useChallenge(actor: Actor): Promise<void> {
  const { stage, chance } = actor;
  const person = stage.people.any(chance);
  const held = await order(actor, person);
  if (held === undefined) return;
  const wait = held.expiresAt - stage.clock.now();
  const short = wait <= SHORT_MS[1];
  await draw(chance)(actor, person, held);
  if (short && stage.ending.leaves(wait)) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, held.expiresAt - stage.clock.now())));
    await show(actor, person, held); // too late
  }
}

async function order(actor: Actor, person: Person): Promise<Held | undefined> {
  const { stage, chance, requestId } = actor;
  const by = stage.callers.verifier(person.tenant, chance);
  const shared = chance.happens(NAMES_OTHER);
  const reply = await actor.insist(() => stage.callers.same(by, chance), person, {
    verb: 'challenge.issue',
    requestId: requestId(),
    ...(shared && { verifiers: [stage.callers.other(by, chance).caller] }),
    ...(chance.happens(IS_SHORT) && { notAfter: Math.floor(stage.clock.now() + chance.between(...SHORT_MS)) }),
    ...(chance.happens(HAS_LETTERS) && { form: { kind: 'letters', length: LETTERS } }),
  });
  if (reply.kind !== 'done') return undefined;
  const issued = reply.reply as unknown as IssueChallengeReply;
  const { challenge, expiresAt } = issued;
  const code = await openCode(stage.callers.keyOf(by), issued);
  const { tenant, account } = person;
  stage.history.write({ kind: 'issued', at: stage.clock.now(), tenant, account, challenge, code, expiresAt });
  return { challenge, code, expiresAt, by, shared };
}

/** The right code, several times at once; again, when the first have their answers; and until it is known. */
async function show(actor: Actor, person: Person, held: Held): Promise<void> {
  const { stage, chance, requestId } = actor;
  const first = { ...question(held, held.code, 'fresh'), requestId: requestId() };
  const oneId = chance.happens(ONE_REQUEST_ID);
  const copies = Array.from({ length: stage.copies }, (_, copy) =>
    copy === 0 || oneId
      ? actor.ask(stage.callers.same(held.by, chance), person, first)
      : actor.ask(verifierOf(actor, held), person, { ...first, requestId: requestId() }),
  );
  const replies = await Promise.all(copies);
  const again = () => stage.callers.same(held.by, chance);
  const known = [...replies, await actor.insist(again, person, { ...first, intent: 'retry' })];
  const later = await actor.ask(verifierOf(actor, held), person, {
    ...question(held, held.code, 'replay'),
    requestId: requestId(),
  });
  suspectTwo(actor, held, [...known, later]);
}

/** Fewer wrong codes than it bears, at once; then the right one. */
async function guessThenShow(actor: Actor, person: Person, held: Held): Promise<void> {
  await guess(actor, person, held, 1 + actor.chance.whole(TRIES - 1));
  await show(actor, person, held);
}

/** As many as it bears and one more; then the right one, which opens nothing any more. */
async function guessAll(actor: Actor, person: Person, held: Held): Promise<void> {
  await guess(actor, person, held, TRIES + 1);
  await show(actor, person, held);
}

/** Cancelled while it is shown; and shown again, once that is answered. */
async function cancelAndShow(actor: Actor, person: Person, held: Held): Promise<void> {
  const { stage, chance } = actor;
  const { challenge } = held;
  const cancel = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, CROSS_WITHIN_MS)));
    await actor.insist(() => stage.callers.same(held.by, chance), person, { verb: 'challenge.cancel', challenge });
  };
  if (chance.happens(0.5)) await Promise.all([cancel(), show(actor, person, held)]);
  else await cancel();
  await show(actor, person, held);
}

/** By a caller that may not verify it, if there is one. */
async function foreignThenShow(actor: Actor, person: Person, held: Held): Promise<void> {
  const { stage, chance, requestId } = actor;
  const other = stage.callers.other(held.by, chance);
  const reply = await actor.ask(other, person, {
    ...question(held, held.code, 'fresh'),
    requestId: requestId(),
  });
  if (!held.shared && isAccepted(reply)) stage.suspect(`challenge ${held.challenge} was accepted for another caller`);
  await show(actor, person, held);
}

async function guess(actor: Actor, person: Person, held: Held, count: number): Promise<void> {
  const { chance, requestId } = actor;
  const guesses = Array.from({ length: count }, () =>
    actor.ask(verifierOf(actor, held), person, {
      ...question(held, wrongCode(held.code, chance), 'guess'),
      requestId: requestId(),
    }),
  );
  await Promise.all(guesses);
}

/** One of those that may verify it. */
function verifierOf({ stage, chance }: Actor, { by, shared }: Held): Connected {
  return shared && chance.happens(0.5) ? stage.callers.other(by, chance) : stage.callers.same(by, chance);
}

const question = (
  { challenge }: Held,
  code: string,
  intent: ChallengeQuestion['intent'],
): Omit<ChallengeQuestion, 'requestId'> => ({ verb: 'challenge.verify', challenge, code, intent });

/** Another code of the same form. */
function wrongCode(code: string, chance: Chance): string {
  const alphabet = /^\d/.test(code) ? '0123456789' : CODE_LETTERS;
  const wrong = Array.from(code, () => alphabet[chance.whole(alphabet.length)]).join('');
  return wrong === code ? wrongCode(code, chance) : wrong;
}

const isAccepted = (reply: Reply): boolean => reply.kind === 'verdict' && reply.verdict.verdict === 'accepted';

function suspectTwo({ stage }: Actor, { challenge }: Held, replies: Reply[]): void {
  const accepted = replies.filter(
    (reply) => reply.kind === 'verdict' && reply.verdict.verdict === 'accepted' && reply.verdict.repeated !== true,
  );
  if (accepted.length > 1) stage.suspect(`challenge ${challenge} was accepted ${accepted.length} times`);
}

function draw(chance: Chance): Course {
  const all = COURSES.reduce((sum, [often]) => sum + often, 0);
  let left = chance.fraction() * all;
  const [, course] = COURSES.find(([often]) => (left -= often) < 0) ?? [0, show];
  return course;
}
