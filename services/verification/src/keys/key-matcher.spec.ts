import { describe, expect, test } from '@jest/globals';
import { Failure, type MatchItem, type MatchResult } from '@countersign/contracts';
import type { Bus } from '@countersign/bus';
import { KeyMatcher } from './key-matcher.js';

const item = (device: string): MatchItem => ({ device, reference: 'r' }) as MatchItem;
const match: MatchResult = { kind: 'match', counter: 7, receipt: 'mac' };
const none: MatchResult = { kind: 'none' };

/** A key service that answers each device by its name. */
function matcher(results: Record<string, MatchResult>): { asked: string[][]; matcher: KeyMatcher } {
  const asked: string[][] = [];
  const request = async (_subject: string, { items }: { items: MatchItem[] }): Promise<object> => {
    asked.push(items.map(({ device }) => device));
    return { results: items.map(({ device }) => results[device]) };
  };
  return { asked, matcher: new KeyMatcher({ request } as unknown as Bus) };
}

test('devices that show the code are told, with counter and receipt', async () => {
  const { matcher: keys } = matcher({ one: none, two: match });
  expect(await keys.match([item('one'), item('two')])).toEqual([{ device: 'two', counter: 7, receipt: 'mac' }]);
  expect(await keys.match([item('one')])).toEqual([]);
});

test('all devices of an attempt, and of those beside it, go in one message', async () => {
  const { matcher: keys, asked } = matcher({ one: none, two: none, three: match });
  await Promise.all([keys.match([item('one'), item('two')]), keys.match([item('three')])]);
  expect(asked).toEqual([['one', 'two', 'three']]);
});

test.each<[string, MatchResult]>([
  ['too many misses', { kind: 'refused', retryAfterMs: 1234 }],
  ['a key that the service does not know', { kind: 'unknown-key' }],
])('%s on one device is UNAVAILABLE, whether another device showed the code or not', async (_what, result) => {
  const { matcher: keys } = matcher({ bad: result, hit: match, miss: none });
  const failures = await Promise.all(
    ['hit', 'miss'].map((other) => keys.match([item(other), item('bad')]).catch((failure: unknown) => failure)),
  );
  expect(failures[0]).toMatchObject({ code: 'UNAVAILABLE' });
  expect(failures[0]).toEqual(failures[1]);
});

describe('two codes in a row, which take as long to look for as thirty sign-ins,', () => {
  const pair = (device: string): MatchItem => ({ ...item(device), next: '123456' });

  /** A key service that answers when it is told to. */
  function slow(): { asked: string[][]; answer: () => void; matcher: KeyMatcher } {
    const asked: string[][] = [];
    const answers: (() => void)[] = [];
    const request = async (_subject: string, { items }: { items: MatchItem[] }): Promise<object> => {
      asked.push(items.map(({ device }) => device));
      if (items[0]?.next !== undefined) await new Promise<void>((resolve) => answers.push(resolve));
      return { results: items.map(() => none) };
    };
    return { asked, answer: () => answers.shift()?.(), matcher: new KeyMatcher({ request } as unknown as Bus) };
  }
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  test('are asked about one after the other, and hold up nobody who signs in', async () => {
    const { asked, answer, matcher: keys } = slow();
    const pairs = ['one', 'two', 'three'].map((device) => keys.match([pair(device)]));
    await turn();
    expect(await keys.match([item('phone')])).toEqual([]);
    expect(asked).toEqual([['one'], ['phone']]);
    for (const each of pairs) {
      answer();
      await each;
      await turn();
    }
    expect(asked).toEqual([['one'], ['phone'], ['two'], ['three']]);
  });

  test('are refused, right or wrong, where sixteen wait already', async () => {
    const { asked, answer, matcher: keys } = slow();
    const first = keys.match([pair('first')]);
    await turn();
    const waiting = Array.from({ length: 16 }, (_, n) => keys.match([pair(`${n}`)]));
    await expect(keys.match([pair('more')])).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 1000 });
    for (const each of [first, ...waiting]) {
      answer();
      await each;
      await turn();
    }
    expect(asked).toHaveLength(17);
  });
});

/** A key service that fails at first, with each of these in turn. */
function failing(...failures: Failure[]): { asked: () => number; matcher: KeyMatcher } {
  let asked = 0;
  const request = async (): Promise<object> => {
    const failure = failures[asked];
    asked += 1;
    if (failure) throw failure;
    return { results: [match] };
  };
  return { asked: () => asked, matcher: new KeyMatcher({ request } as unknown as Bus) };
}
const gone = new Failure('UNAVAILABLE', 'the HSM cannot answer now');

test('a replica in trouble is asked past, once', async () => {
  const { matcher: keys, asked } = failing(gone);
  expect(await keys.match([item('one')])).toHaveLength(1);
  expect(asked()).toBe(2);
  await expect(failing(gone, gone).matcher.match([item('one')])).rejects.toBe(gone);
});

test.each([new Failure('UNAVAILABLE', 'too many requests at once', { retryAfterMs: 100 }), new Failure('INTERNAL')])(
  'who says when to come back, or has a defect, is not asked again: $code',
  async (failure) => {
    const { matcher: keys, asked } = failing(failure);
    await expect(keys.match([item('one')])).rejects.toBe(failure);
    expect(asked()).toBe(1);
  },
);
