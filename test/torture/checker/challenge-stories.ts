import type { Rule } from './result.js';
import { CHALLENGE, WRONG, type Story } from './story.js';

type Tell = (story: Story) => void;

/** Stories about challenges in which nothing is broken. */
export const soundChallenges: [string, Tell][] = [
  [
    'a challenge that is shown, accepted, and rejected ever after',
    (story) => {
      story.issue();
      story.take();
      story.refuse('not_open', {});
    },
  ],
  [
    'an acceptance of a challenge that is told again to its own question, without an event',
    (story) => {
      story.issue();
      const sequence = story.take({ requestId: 'same' });
      const { now: at } = story;
      story.wait(58_000);
      again(story, sequence, at, { requestId: 'same' });
    },
  ],
  [
    'a challenge that another caller may verify, too, and does',
    (story) => {
      story.issue({ verifiers: ['web'] });
      story.take({ caller: 'web' });
    },
  ],
  [
    'two wrong codes, one by a caller that spends no try, and then the right one',
    (story) => {
      story.issue();
      story.refuse('wrong_code');
      story.refuse('caller', { caller: 'web' });
      story.refuse('wrong_code');
      story.take();
    },
  ],
  [
    'a challenge that is out of tries, cancelled, or over, and is not accepted',
    (story) => {
      story.issue();
      for (let wrong = 0; wrong < 3; wrong += 1) story.refuse('wrong_code');
      story.refuse('not_open', {});
      story.event('unlocked');
      story.issue();
      story.cancel();
      story.refuse('not_open', {});
      story.issue({ life: 1000 });
      story.wait(1000);
      story.refuse('expired', {});
    },
  ],
  ['30 looks at wrong codes of challenges, and 30 by another replica', (story) => looks(story, 30, ['one', 'two'])],
];

/** Stories in which one thing is, and the rule that finds it. */
export const plantedChallenges: [Rule, string, Tell][] = [
  ['double_accepts', 'a challenge accepted twice in the ledger', (story) => issued(story).take() && story.take()],
  [
    'double_accepts',
    'one acceptance of a challenge answered to two questions',
    (story) => {
      issued(story).take();
      const { now: at } = story;
      story.answer(story.show({ requestId: 'another' }), { verdict: 'accepted', at });
    },
  ],
  [
    'double_accepts',
    'an acceptance of a challenge told again after its minute',
    (story) => {
      const sequence = issued(story).take({ requestId: 'same' });
      const { now: at } = story;
      story.wait(60_000);
      again(story, sequence, at, { requestId: 'same' });
    },
  ],
  ['wrong_accepts', 'the code of another challenge', (story) => issued(story).take({ code: WRONG })],
  [
    'wrong_accepts',
    'a challenge that was never issued',
    (story) => {
      const id = story.show();
      story.redeemed('match');
      story.event('challenge_accepted', { challenge: CHALLENGE });
      story.fail(id, 'UNAVAILABLE');
    },
  ],
  [
    'wrong_accepts',
    'a challenge after its time, by its own event',
    (story) => {
      story.issue({ life: 1000 });
      story.wait(1000);
      story.take();
    },
  ],
  [
    'wrong_accepts',
    'a challenge that was promised more than five minutes',
    (story) => {
      story.issue({ life: 600_000 });
      story.wait(300_000);
      story.take();
    },
  ],
  [
    'wrong_accepts',
    'a challenge after its time, by a clock that went back',
    (story) => {
      story.issue({ life: 1000 });
      story.wait(10_000);
      const id = story.show();
      story.redeemed('match');
      const at = story.now - 9_900;
      story.event('challenge_accepted', { challenge: CHALLENGE, at });
      story.answer(id, { verdict: 'accepted', at });
    },
  ],
  [
    'wrong_accepts',
    'a challenge after its third wrong code',
    (story) => {
      story.issue();
      for (let wrong = 0; wrong < 3; wrong += 1) story.refuse('wrong_code');
      story.take();
    },
  ],
  ['wrong_accepts', 'a challenge for a caller that nobody named', (story) => issued(story).take({ caller: 'web' })],
  [
    'after_revocation_accepts',
    'a challenge after it was cancelled',
    (story) => {
      const id = issued(story).show();
      story.redeemed('match');
      story.cancel();
      story.event('challenge_accepted', { challenge: CHALLENGE });
      story.answer(id, { verdict: 'accepted' });
    },
  ],
  [
    'after_revocation_accepts',
    'a challenge shown after its cancelling was answered, though it stands before it',
    (story) => {
      issued(story).redeemed('match');
      const sequence = story.event('challenge_accepted', { challenge: CHALLENGE });
      const { now: at } = story;
      story.cancel();
      again(story, sequence, at, {});
    },
  ],
  [
    'unproven_accepts',
    'a challenge that the key service never matched',
    (story) => {
      const id = issued(story).show();
      story.event('challenge_accepted', { challenge: CHALLENGE });
      story.answer(id, { verdict: 'accepted' });
    },
  ],
  [
    'judged_while_closed',
    'a challenge while the budget is closed',
    (story) => {
      for (let wrong = 0; wrong < 5; wrong += 1) story.guess();
      issued(story).take();
    },
  ],
  [
    'judged_while_closed',
    'a sixth wrong code, of the second challenge of an account',
    (story) => {
      for (const challenge of [1, 2]) {
        story.issue();
        for (let wrong = 0; wrong < 3; wrong += 1) story.refuse('wrong_code', { code: WRONG, origin: `${challenge}` });
      }
    },
  ],
  [
    'judged_while_closed',
    'wrong codes that an accepted challenge cleared',
    (story) => {
      for (let wrong = 0; wrong < 4; wrong += 1) story.guess();
      issued(story).take();
      story.guess();
      story.guess();
    },
  ],
  [
    'uncounted_guesses',
    "a challenge's wrong code without its event",
    (story) => {
      issued(story).refuse('wrong_code');
      story.answer(story.show({ code: WRONG }), { verdict: 'rejected', reason: 'wrong_code' });
    },
  ],
  [
    'evaluated_guesses',
    '31 looks at wrong codes of challenges within a minute',
    (story) => looks(issued(story), 31, ['one']),
  ],
  [
    'lost_accepts',
    'an answered acceptance of a challenge that is not in the ledger',
    (story) => {
      const id = issued(story).show();
      story.redeemed('match');
      story.answer(id, { verdict: 'accepted' });
    },
  ],
  [
    'lost_rejections',
    'a challenge`s verdict `locked`, by an event of nobody',
    (story) => story.answer(issued(story).show(), { verdict: 'rejected', reason: 'locked', sequence: 77 }),
  ],
  ['wrong_rejects', 'a challenge`s right code that is called wrong', (story) => issued(story).refuse('wrong_code', {})],
  ['wrong_rejects', 'a challenge that is open and called not open', (story) => issued(story).refuse('not_open', {})],
  ['wrong_rejects', 'a challenge that is called over before its time', (story) => issued(story).refuse('expired', {})],
  ['wrong_rejects', 'a caller that may verify and is told it may not', (story) => issued(story).refuse('caller', {})],
];

function issued(story: Story): Story {
  story.issue();
  return story;
}

function again(story: Story, sequence: number, at: number, asked: object): void {
  story.answer(story.show(asked), { verdict: 'accepted', sequence, at, repeated: true });
}

function looks(story: Story, count: number, replicas: string[]): void {
  for (let each = 0; each < count; each += 1) for (const replica of replicas) story.redeemed('none', replica);
}
