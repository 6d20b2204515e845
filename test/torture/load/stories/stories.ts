import type { Actor } from '../actor.js';
import type { Person } from '../people.js';
import { useChallenge } from './challenge.js';
import { enrolSomebody } from './enrol.js';
import { guessOnce, replay, storm } from './guess.js';
import { askAboutNobody } from './nobody.js';
import { signIn } from './sign-in.js';
import { disable, makeReady, revoke } from './taken-away.js';

/** What happens, and how often, compared with the others. `owner`: with somebody's device in hand. */
type Story = { often: number } & (
  { owner: (actor: Actor, person: Person) => Promise<void> } | { play: (actor: Actor) => Promise<void> }
);

const STORIES: Story[] = [
  { often: 80, owner: signIn },
  { often: 1.5, owner: disable },
  { often: 1.5, owner: revoke },
  { often: 6, play: guessOnce },
  { often: 0.4, play: storm },
  { often: 7, play: replay },
  { often: 12, play: useChallenge },
  { often: 5, play: askAboutNobody },
  { often: 1, play: enrolSomebody },
];
const ALL = STORIES.reduce((sum, { often }) => sum + often, 0);
const NOBODY_FREE_MS = 5;

/** Draws a story and plays it. */
export async function playOne(actor: Actor): Promise<void> {
  const story = draw(actor.chance.fraction() * ALL);
  if ('play' in story) return story.play(actor);
  const { people } = actor.stage;
  const person = people.take(actor.chance);
  if (person === undefined) return actor.stage.ending.within(NOBODY_FREE_MS);
  try {
    if (await makeReady(actor, person)) await story.owner(actor, person);
  } finally {
    people.giveBack(person);
  }
}

function draw(at: number): Story {
  let passed = 0;
  return STORIES.find(({ often }) => (passed += often) > at) ?? (STORIES[0] as Story);
}
