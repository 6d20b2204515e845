import { Failure, nobodySubject, type Nobody, type Tenant } from '@countersign/contracts';
import { randomId, type Random } from '@countersign/runtime';
import type { Appender } from './appender.js';
import type { StreamReader } from './stream-reader.js';

interface Lane {
  subject: string;
  /** sequence of its last event */
  last: number;
}

/** 32² = 1,024 lanes a tenant: several times what its replicas write at one time, and few as subjects. */
const LANE_CHARACTERS = 2;
const TRIES = 8; // each conflict is somebody else's progress

/**
 * Appends questions about names that no account has, each after the one before it in its lane. A lane is drawn by chance,
 * and says nothing of the name. This process writes one event at a time in each, and has as many as it ever wrote at one
 * time: no question waits for another, as those about two accounts do not. Where another process is met, the lane is
 * left to it.
 */
export class NobodyLanes {
  /** the one used last comes last */
  private readonly free = new Map<Tenant, Lane[]>();

  constructor(
    private readonly appender: Appender,
    private readonly reader: StreamReader,
    private readonly random: Random,
  ) {}

  /** Gives the event's sequence, once its outcome is known. Throws what `Appender.append` throws, and UNAVAILABLE. */
  async append(tenant: Tenant, event: Nobody): Promise<number> {
    const free = this.freeOf(tenant);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { subject, last } = free.pop() ?? (await this.draw(tenant));
      const appended = await this.appender.append(subject, event, last);
      if (appended.kind === 'conflict') continue;
      free.push({ subject, last: appended.sequence });
      return appended.sequence;
    }
    throw new Failure('UNAVAILABLE', 'others kept writing in every lane; nothing was decided', { retryAfterMs: 100 });
  }

  private async draw(tenant: Tenant): Promise<Lane> {
    const subject = nobodySubject(tenant, randomId(this.random, LANE_CHARACTERS));
    return { subject, last: (await this.reader.last(subject))?.sequence ?? 0 };
  }

  private freeOf(tenant: Tenant): Lane[] {
    const known = this.free.get(tenant);
    if (known !== undefined) return known;
    const none: Lane[] = [];
    this.free.set(tenant, none);
    return none;
  }
}
