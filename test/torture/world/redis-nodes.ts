import { readFileSync } from 'node:fs';
import type { Platform, ServerPlace } from '@countersign/local';
import { Redis } from 'ioredis';
import { untilTrue } from './bring-up.js';

/** What a window was: its bytes as Redis dumps them, and how long it had to live. */
type Past = { key: Buffer; bytes: Buffer; leftMs: number }[];

const AT_ONCE = 500;

/** The Redis servers of a platform, asked as their admin. */
export class RedisNodes {
  constructor(private readonly platform: Platform) {}

  /** Who is master now; with a single one, that. Throws Error when none answers as such. */
  async master(): Promise<ServerPlace> {
    for (const place of this.platform.places.redis)
      if ((await this.role(place).catch(() => undefined)) === 'master') return place;
    throw new Error('no Redis is master now');
  }

  /** The master, and a replica that follows it: waits for both. */
  async pair(): Promise<{ master: ServerPlace; replica: ServerPlace }> {
    let found: { master: ServerPlace; replica: ServerPlace } | undefined;
    await untilTrue('a master and its replica', async () => {
      const master = await this.master();
      const replica = this.platform.places.redis.find(({ name }) => name !== master.name);
      if (!replica || !(await this.replication(replica)).includes('master_link_status:up')) return false;
      found = { master, replica };
      return true;
    });
    return found as NonNullable<typeof found>;
  }

  async role(place: ServerPlace): Promise<string | undefined> {
    return /^role:(\w+)/m.exec(await this.replication(place))?.[1];
  }

  async flush(): Promise<void> {
    await this.ask(await this.master(), (redis) => redis.flushall());
  }

  /** Shuts a replica out, so that it keeps what it has while the master goes on. */
  async shutOut(replica: ServerPlace): Promise<void> {
    await this.ask(replica, async (redis) => {
      await redis.config('SET', 'masterauth', 'wrong');
      await redis.call('CLIENT', 'KILL', 'TYPE', 'master');
    });
  }

  async letIn(replica: ServerPlace): Promise<void> {
    const password = this.password();
    await untilTrue(`${replica.name} takes its password`, () =>
      this.ask(replica, async (redis) => {
        await redis.config('SET', 'masterauth', password);
        await redis.config('REWRITE'); // Sentinel may have written the wrong one
        return true;
      }),
    );
  }

  /** Every key that there is. */
  async remember(): Promise<Past> {
    return this.ask(await this.master(), async (redis) => {
      const past: Past = [];
      for await (const keys of redis.scanBufferStream({ count: AT_ONCE }) as AsyncIterable<Buffer[]>) {
        const asked = redis.pipeline();
        for (const key of keys) asked.dumpBuffer(key).pttl(key);
        const answers = (await asked.exec()) ?? [];
        for (const [index, key] of keys.entries()) {
          const bytes = answers[index * 2]?.[1] as Buffer | null;
          const leftMs = answers[index * 2 + 1]?.[1] as number;
          if (bytes !== null && leftMs > 0) past.push({ key, bytes, leftMs });
        }
      }
      return past;
    });
  }

  /** Puts them back over whatever came later. */
  async tellPast(past: Past): Promise<void> {
    await this.ask(await this.master(), async (redis) => {
      for (let from = 0; from < past.length; from += AT_ONCE) {
        const told = redis.pipeline();
        for (const { key, bytes, leftMs } of past.slice(from, from + AT_ONCE))
          told.restore(key, leftMs, bytes, 'REPLACE');
        for (const [error] of (await told.exec()) ?? []) if (error) throw error;
      }
    });
  }

  private replication(place: ServerPlace): Promise<string> {
    return this.ask(place, (redis) => redis.info('replication'));
  }

  private async ask<T>({ host, port }: ServerPlace, work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({
      ...{ host, port, username: 'admin', password: this.password() },
      ...{ maxRetriesPerRequest: 0, retryStrategy: () => null, connectTimeout: 1000, commandTimeout: 5000 },
    });
    redis.on('error', () => undefined); // whoever asked hears of it
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  private password(): string {
    return readFileSync(this.platform.folder.secret('redis-admin.password'), 'utf8');
  }
}
