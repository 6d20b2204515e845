import { expect, test } from '@jest/globals';
import { MINUTE, NOW, PHONE, SECOND, WRONG, account, attempt, phone, shows, standing, told } from '../test/accounts.js';

test('an outsider who guesses for an hour keeps nobody out who comes from where a code was accepted, and is answered 11 times', () => {
  let at = told(standing(account([phone()])), attempt({ origin: 'home' }), NOW, shows(PHONE, stepAt(NOW))).next;
  let answered = 0;
  for (let now = NOW; now < NOW + 60 * MINUTE; now += SECOND) {
    for (const guess of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const { verdict, next } = told(at, attempt(disguise(now + guess)), now, WRONG);
      if (verdict.reason === 'wrong_code') answered += 1;
      else expect(verdict.reason).toBe('locked');
      at = next;
    }
    if ((now - NOW) % (7 * MINUTE) !== MINUTE) continue;
    const { verdict, next } = told(at, attempt({ origin: 'home' }), now, shows(PHONE, stepAt(now)));
    expect(verdict.verdict).toBe('accepted');
    at = next;
  }
  expect(answered).toBe(11); // five at once, then after 30, 60, 120, 240, 480 and 960 s
  expect(at.state.origins).toMatchObject([{ origin: 'home', at: NOW + 57 * MINUTE }]);
});

const stepAt = (now: number): number => Math.floor(now / 30_000);

/** A new origin, a new caller and a new request each time; sometimes no origin at all. */
const disguise = (n: number) => ({
  by: `caller${n % 50}`,
  request: `request${n}`,
  ...(n % 3 !== 0 && { origin: `origin${n}` }),
});
