import { readFileSync } from 'node:fs';
import { reasonOf, type Log } from '@countersign/runtime';
import { Redis, type RedisOptions, type Result } from 'ioredis';
import type { RedisConfig } from '../config.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    admit(window: string, nowMs: number): Result<[string, string?, string?, string?], Context>;
    settle(
      window: string,
      sequence: number,
      value: string,
      mac: string,
      closedMs: number,
      lifetimeMs: number,
      after: number,
    ): Result<number, Context>;
  }
}

const COMMAND_TIMEOUT_MS = 50; // slower than this, the ledger is the faster one
const PROBE_EVERY_MS = 500;

const retryInMs = (times: number): number => Math.min(50 * times, 1000);

function whereItIs({ at, username, ca }: RedisConfig): RedisOptions {
  const tls = ca === undefined ? {} : { tls: { ca } };
  if (at.kind === 'server') return { host: at.host, port: at.port, ...tls };
  const { sentinels, name, password } = at;
  return {
    sentinels,
    name,
    ...tls,
    ...(ca !== undefined && { enableTLSForSentinelMode: true, sentinelTLS: { ca } }),
    ...(password && { sentinelUsername: username, sentinelPassword: password.reveal().toString('utf8') }),
    sentinelRetryStrategy: retryInMs,
    failoverDetector: true, // leaves a master that hangs as soon as another one took its place
  };
}

/** The same path from the sources and from dist. */
const script = (name: string): string =>
  readFileSync(new URL(`../../src/windows/${name}.lua`, import.meta.url), 'utf8');

/**
 * Redis behind a breaker. After one command that failed nobody asks again until a probe, off everybody's road, was
 * answered; so Redis gone or stopped costs the verdicts under way 50 ms, once.
 */
export class CacheServer {
  private readonly redis: Redis;
  private open = false;
  private silent = false;
  private namespace = '';
  private gathering: Redis['stream'] | undefined;
  private readonly probe: NodeJS.Timeout;

  constructor(
    config: RedisConfig,
    private readonly log: Log,
    commandTimeoutMs = COMMAND_TIMEOUT_MS,
  ) {
    this.redis = new Redis({
      ...whereItIs(config),
      username: config.username,
      password: config.password.reveal().toString('utf8'),
      enableOfflineQueue: false,
      enableReadyCheck: false, // the probe is the check
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
      connectTimeout: 1000,
      disconnectTimeout: 100, // a timer of its own that would keep the process
      retryStrategy: retryInMs,
      reconnectOnError: (error) => error.message.startsWith('READONLY'), // it is a replica now: ask who the master is
      scripts: {
        admit: { lua: script('admit'), numberOfKeys: 1 },
        settle: { lua: script('settle'), numberOfKeys: 1 },
      },
    });
    this.redis.on('error', (error: Error) => this.fail(error));
    this.redis.on('close', () => this.fail(new Error('connection closed')));
    this.redis.on('ready', () => void this.look());
    this.probe = setInterval(() => void this.look(), PROBE_EVERY_MS);
    this.probe.unref();
  }

  /** What `work` gives, or undefined while Redis does not answer. Never throws. */
  async ask<T>(work: (redis: Redis, namespace: string) => Promise<T>): Promise<T | undefined> {
    if (!this.open) return undefined;
    this.gather();
    try {
      return await work(this.redis, this.namespace);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** What is asked in one turn of the event loop goes in one write. (Pipelines of ioredis do not load a script that is gone.) */
  private gather(): void {
    const { stream } = this.redis;
    if (this.gathering === stream) return;
    this.gathering = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      this.gathering = undefined;
    });
  }

  get answering(): boolean {
    return this.open;
  }

  close(): void {
    this.silent = true;
    clearInterval(this.probe);
    this.redis.disconnect();
  }

  /** The run id changes with a restart or a failover: what another server kept is not even looked up. */
  private async look(): Promise<void> {
    if (this.open) return;
    try {
      const runId = /run_id:(\w+)/.exec(await this.redis.info('server'))?.[1];
      if (runId === undefined) return;
      this.namespace = `countersign:${runId.slice(0, 16)}`;
      this.open = true;
      this.silent = false;
      this.log.info('the window cache answers');
    } catch (error) {
      this.fail(error); // the next probe looks again
    }
  }

  private fail(error: unknown): void {
    this.open = false;
    if (this.silent) return;
    this.silent = true;
    this.log.warn('the window cache does not answer; verdicts go on from the ledger', { reason: reasonOf(error) });
  }
}
