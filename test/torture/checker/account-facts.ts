import type { ChallengeFacts } from './challenge-facts.js';
import type { DeviceFacts, Profile } from './device-facts.js';
import { Guesses } from './guesses.js';

const ORIGINS = 8;
const ORIGIN_MS = 30 * 24 * 3_600_000;

/** An account, as its events tell it so far. */
export class AccountFacts {
  /** sequence of the last event */
  last = 0;
  forked = false;
  readonly profiles = new Map<string, Profile>();
  readonly devices = new Map<string, DeviceFacts>();
  readonly challenges = new Map<string, ChallengeFacts>();
  private known = new Guesses();
  private unknown = new Guesses();
  private origins: { origin: string; at: number }[] = [];

  constructor(
    readonly index: number,
    readonly subject: string,
  ) {}

  /** The budget that pays: an origin that was accepted in the last 30 days has one of its own. */
  guesses(origin: string | undefined, at: number): Guesses {
    return this.isKnown(origin, at) ? this.known : this.unknown;
  }

  accept(origin: string | undefined, at: number): void {
    this.guesses(origin, at).clear();
    if (origin === undefined) return;
    this.origins = [...this.origins.filter((each) => each.origin !== origin), { origin, at }].slice(-ORIGINS);
  }

  unlock(): void {
    this.known = new Guesses();
    this.unknown = new Guesses();
  }

  private isKnown(origin: string | undefined, at: number): boolean {
    return this.origins.some((each) => each.origin === origin && at - each.at < ORIGIN_MS);
  }
}
