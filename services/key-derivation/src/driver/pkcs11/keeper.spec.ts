import { describe, expect, test } from '@jest/globals';
import { Keeper } from './keeper.js';
import type { Session } from './session.js';

function setUp(maxKeys: number) {
  const destroyed: string[] = [];
  const session = { destroy: (handle: Buffer) => destroyed.push(handle.toString()) } as unknown as Session;
  const keeper = new Keeper(session, maxKeys);
  const made: string[] = [];
  const ask = (name: string) =>
    keeper.key(name, () => {
      made.push(name);
      return { handle: Buffer.from(name), proof: Buffer.from('') };
    }).handle;
  return { keeper, destroyed, made, ask };
}

describe('the keeper of device keys', () => {
  test('makes a key once and gives the same handle again', () => {
    const { ask, made } = setUp(2);
    expect([ask('a'), ask('b'), ask('a')].map(String)).toEqual(['a', 'b', 'a']);
    expect(made).toEqual(['a', 'b']);
  });

  test('beyond its bound the key that was not used longest is destroyed in the HSM', () => {
    const { ask, destroyed, made, keeper } = setUp(2);
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) ask(name);
    expect(destroyed).toEqual(['b', 'c']);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(keeper.size).toBe(2);
  });

  test('a key that cannot be made is not remembered', () => {
    const { keeper, ask, made } = setUp(2);
    const fail = () => {
      throw new Error('refused');
    };
    expect(() => keeper.key('a', fail)).toThrow('refused');
    expect(String(ask('a'))).toBe('a');
    expect(made).toEqual(['a']);
  });
});
