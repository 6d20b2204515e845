import type { Evaluated, Redeemed } from '../history/entry.js';
import type { LedgerFacts } from './ledger-facts.js';
import type { Violations } from './violations.js';

export const EVALUATED_CAP = 30;
/** A little less than the minute: the recorder and the key service read the clock one after the other. */
const MINUTE_MS = 60_000 - 50;
const CLOCKS_MS = 20; // NATS and the key service read the same machine's clock

/** What the key service looked at: the misses of each device, and which acceptances it matched before. */
export class Evaluations {
  count = 0;
  /** most misses within a minute, for one device and one life of a replica */
  most = 0;
  private readonly misses = new Map<string, number[]>();

  constructor(
    private readonly facts: LedgerFacts,
    private readonly violations: Violations,
  ) {}

  take({ tenant, account, device, epoch, replica, at, result, counter }: Evaluated): void {
    this.count += 1;
    if (result === 'none') this.missed([replica, tenant, account, device, epoch].join(' '), at);
    if (result !== 'match' || counter === undefined) return;
    const facts = this.facts.accountOf(tenant, account)?.devices.get(device);
    const sequence = facts?.epoch === epoch ? facts.accepted.get(counter) : undefined;
    this.proves(sequence, at);
  }

  /** The challenges of one account share a cap. */
  redeemed({ tenant, account, challenge, replica, at, result }: Redeemed): void {
    this.count += 1;
    if (result === 'none') this.missed([replica, tenant, account, 'challenges'].join(' '), at);
    if (result !== 'match') return;
    this.proves(this.facts.accountOf(tenant, account)?.challenges.get(challenge)?.accepted, at);
  }

  private missed(key: string, at: number): void {
    const times = this.misses.get(key);
    if (times === undefined) this.misses.set(key, [at]);
    else times.push(at);
  }

  private proves(sequence: number | undefined, at: number): void {
    if (sequence === undefined) return;
    const { columns } = this.facts;
    if (at <= (columns.at(sequence)?.storedAt ?? 0) + CLOCKS_MS) columns.proven[sequence] = 1;
  }

  finish(): void {
    for (const [key, times] of this.misses) {
      const most = mostWithin(times, MINUTE_MS);
      this.most = Math.max(this.most, most);
      if (most > EVALUATED_CAP)
        this.violations.add('evaluated_guesses', `${most} wrong codes within a minute were evaluated`, key);
    }
    for (const { id, accepted } of this.facts.devices)
      for (const [counter, sequence] of accepted)
        if (this.facts.columns.proven[sequence] !== 1)
          this.violations.add(
            'unproven_accepts',
            `the key service never matched counter ${counter} of ${id}`,
            sequence,
          );
    for (const { accepted } of this.facts.challenges.all)
      if (accepted !== undefined && this.facts.columns.proven[accepted] !== 1)
        this.violations.add('unproven_accepts', 'the key service never matched this challenge', accepted);
  }
}

function mostWithin(times: number[], withinMs: number): number {
  times.sort((one, other) => one - other);
  let most = 0;
  let first = 0;
  times.forEach((at, index) => {
    while (at - (times[first] as number) >= withinMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
