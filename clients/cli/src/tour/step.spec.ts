import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '@countersign/contracts';
import { Screen } from '../screen/screen.js';
import { expectVerdict } from './expect-verdict.js';
import { Steps, Unexpected } from './step.js';

let text = '';
const steps = (): Steps => {
  text = '';
  return new Steps(
    new Screen(
      false,
      (part) => (text += part),
      () => undefined,
      false,
    ),
  );
};

describe('a step of the tour', () => {
  test('that is as expected has its mark and its word', async () => {
    const tour = steps();
    await tour.tryStep('verify', async () => ({ word: 'accepted', text: 'the code' }));
    expect(text).toBe('  ✔ accepted  the code\n');
    expect(tour.wrong).toEqual([]);
  });

  test('that is not is marked, remembered, and does not stop the others', async () => {
    const tour = steps();
    await tour.tryStep('again', async () => {
      throw new Unexpected('expected replayed, and the verdict was accepted');
    });
    expect(text).toBe('  ✘ failed    again: expected replayed, and the verdict was accepted\n');
    expect(tour.wrong).toEqual(['again']);
  });

  test('that others need stops them', async () => {
    const tour = steps();
    const enrol = tour.step('enrol', async () => {
      throw new Error('no key');
    });
    await expect(enrol).rejects.toThrow('no key');
    expect(tour.wrong).toEqual(['enrol']);
  });
});

test.each([
  [{ verdict: 'accepted' }, 'accepted'],
  [{ verdict: 'rejected', reason: 'replayed' }, 'replayed'],
  [{ verdict: 'rejected', reason: 'wrong_code' }, 'wrong_code'],
] as const)('%p is %s and nothing else', (partial, expected) => {
  const verdict = { sequence: 1, at: 0, ...partial } as Verdict;
  for (const wanted of ['accepted', 'replayed', 'wrong_code'] as const)
    if (wanted === expected) expect(expectVerdict(verdict, wanted)).toBe(verdict);
    else expect(() => expectVerdict(verdict, wanted)).toThrow(`expected ${wanted}, and the verdict was ${expected}`);
});
