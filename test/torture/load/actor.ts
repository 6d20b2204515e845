import { Failures } from '@countersign/contracts';
import { randomId, type Clock } from '@countersign/runtime';
import type { Chance } from '../chance/chance.js';
import type { Born, Entry, Question } from '../history/entry.js';
import type { Ending } from '../schedule/ending.js';
import type { Asker, Connected, Reply } from './asker.js';
import type { Callers } from './callers.js';
import type { HeldDevice } from './held-device.js';
import { STEP_SECONDS } from './held-device.js';
import type { Named, People, Person } from './people.js';

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1000;
const PATIENCE_MS = 30_000; // of failures: longer than any fault, election included
const AT_THE_END_MS = 10_000; // then the questions about everybody go on where this stopped

/** What every story shares. */
export interface Stage {
  asker: Asker;
  callers: Callers;
  people: People;
  history: { write(entry: Entry): void };
  ending: Ending;
  clock: Clock;
  copies: number;
  identityKey: string;
  /** told of each fresh code */
  shown(): void;
  /** told of what looks wrong already; what is wrong the checker says */
  suspect(what: string): void;
}

/** One who plays stories, with chance of their own. */
export class Actor {
  constructor(
    readonly stage: Stage,
    readonly chance: Chance,
    /** asks nothing again after this (monotonic, ms); default: soon after the end */
    private readonly endMs?: number,
  ) {}

  readonly requestId = (): string => randomId(this.chance, 20);

  /** One question, whatever comes back. */
  ask(by: Connected, person: Named, question: Question): Promise<Reply> {
    return this.stage.asker.ask(by, person, question);
  }

  /** Asks again as a backend does, until something definite comes back or patience ends. */
  async insist(by: () => Connected, person: Named, question: Question): Promise<Reply> {
    const beganMs = performance.now();
    for (let again = 0; ; again += 1) {
      const reply = await this.ask(by(), person, question);
      const lastMs = Math.min(beganMs + PATIENCE_MS, this.endMs ?? this.stage.ending.cameMs + AT_THE_END_MS);
      if (reply.kind !== 'failure' || !Failures[reply.code].retry || performance.now() > lastMs) return reply;
      if (!(await this.rest(reply, again))) return reply;
    }
  }

  /** Waits as long as the failure says, or ever longer; false when that is too long to wait for. */
  readonly rest = async ({ retryAfterMs = 0 }: { retryAfterMs?: number }, again: number): Promise<boolean> => {
    if (retryAfterMs > 5 * LONGEST_PAUSE_MS) return false;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** again, LONGEST_PAUSE_MS) * this.chance.between(0.5, 1.5);
    await new Promise((resolve) => setTimeout(resolve, Math.max(pauseMs, retryAfterMs)));
    return true;
  };

  /** The operator's word on a person's device or account, given until it is acknowledged. */
  async operator(
    person: Person,
    verb: 'device.revoke' | 'device.disable' | 'device.enable' | 'account.unlock',
  ): Promise<boolean> {
    const question: Question = verb === 'account.unlock' ? { verb } : { verb, device: person.device.id };
    const reply = await this.insist(() => this.stage.callers.operator(person.tenant), person, question);
    return reply.kind === 'done';
  }

  born(person: Named, device: HeldDevice): void {
    this.stage.history.write(bornEntry(this.stage.clock.now(), person, device));
  }
}

export function bornEntry(at: number, { tenant, account }: Named, device: HeldDevice): Born {
  const { id, type, key } = device;
  const time = type === 'totp' ? { stepSeconds: STEP_SECONDS, t0Seconds: 0 } : {};
  return { kind: 'born', at, tenant, account, device: id, type, key: key.toString('hex'), ...time };
}
