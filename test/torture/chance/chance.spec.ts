import { expect, test } from '@jest/globals';
import { Chance } from './chance.js';

const draws = (chance: Chance): number[] => Array.from({ length: 20 }, () => chance.whole(1000));

test('the same seed gives the same choices, another one others', () => {
  expect(draws(new Chance(7))).toEqual(draws(new Chance(7)));
  expect(draws(new Chance(7))).not.toEqual(draws(new Chance(8)));
});

test('what one draws does not change what another draws', () => {
  const [one, other] = [new Chance(7), new Chance(7)];
  const of = one.apart('of it');
  draws(of);
  expect(draws(one)).toEqual(draws(other));
  expect(draws(new Chance(7).apart('first'))).not.toEqual(draws(new Chance(7).apart('second')));
});

test('every choice comes about as often as any other', () => {
  const chance = new Chance(1);
  const times = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) times[chance.whole(10)]! += 1;
  for (const each of times) expect(Math.abs(each - 1000)).toBeLessThan(150); // five standard deviations
});
