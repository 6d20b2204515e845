import type { Random } from '@countersign/runtime';

const MIX = 0x9e3779b9; // 2^32 over the golden ratio: seeds that lie side by side lead far apart

/**
 * Chance that can be played again: the same seed gives the same choices. For choosing what to do, never for secrets
 * (mulberry32; its state is 32 bits).
 */
export class Chance implements Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Chance of its own for somebody: what others draw does not change it. */
  apart(name: string): Chance {
    let hash = this.state;
    for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), MIX) >>> 0;
    return new Chance(hash ^ (hash >>> 15));
  }

  /** At least 0, less than 1. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `below` - 1. */
  whole(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** True as often as `share` says, 0 to 1. */
  happens(share: number): boolean {
    return this.fraction() < share;
  }

  /** Throws Error when there is nothing to choose from. */
  among<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('nothing to choose from');
    return choices[this.whole(choices.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.whole(256)));
  }
}
