import type { NatsConnection, Status } from '@nats-io/nats-core';
import { PermissionViolationError } from '@nats-io/nats-core';
import { reasonOf, type Log } from '@countersign/runtime';

type Hook = () => void | Promise<void>;

export interface StateListener {
  lost(): void;
  restored(): void;
  /** the server refused a publish to this subject */
  refused(subject: string): void;
}

const LEAVE_WITHIN_MS = 500;

interface Transport {
  close?: (error: Error) => Promise<void>;
}

/** Follows what the connection says about itself: logs it, and knows whether there is a server now. */
export class ConnectionState {
  connected = true;
  /** told to drop the connection, and it has not said yet that it did */
  private leaving = false;
  private readonly hooks = new Set<Hook>();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly log: Log,
    private readonly listener: StateListener,
  ) {
    void this.follow();
  }

  onReconnect(hook: Hook): () => void {
    this.hooks.add(hook);
    return () => this.hooks.delete(hook);
  }

  /** Waits for a connection, at most `timeoutMs`. Resolves with the ms that passed. */
  async restoredWithin(timeoutMs: number): Promise<number> {
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiting.add(done);
    });
    return Math.ceil(performance.now() - startMs);
  }

  /** Drops the connection; the client then goes to the next server of its list. */
  leave(): void {
    if (this.connection.isClosed() || !this.connected) return;
    this.log.warn('answers have stopped coming; going to another server', { server: this.connection.getServer() });
    this.gone();
    this.leaving = true;
    const left = this.transport();
    void this.connection.reconnect().catch(() => undefined);
    setTimeout(
      () => this.leaving && void left?.close?.(new Error('the server does not read')),
      LEAVE_WITHIN_MS,
    ).unref();
  }

  /**
   * `reconnect()` of nats.js first flushes the socket, which may never end when the other side has stopped reading. Its
   * transport can also be closed without that, though only by a name that is not public.
   */
  private transport(): Transport | undefined {
    return (this.connection as unknown as { protocol?: { transport?: Transport } }).protocol?.transport;
  }

  private async follow(): Promise<void> {
    for await (const status of this.connection.status()) this.take(status);
  }

  private take(status: Status): void {
    switch (status.type) {
      case 'disconnect':
        this.leaving = false;
        this.log.warn('the connection to NATS is lost', { server: status.server });
        return this.gone();
      case 'reconnect':
        this.connected = true;
        this.log.info('connected to NATS again', { server: status.server });
        this.listener.restored();
        for (const done of [...this.waiting]) done();
        for (const hook of this.hooks) void this.run(hook);
        return;
      case 'error':
        this.log.warn('NATS reports an error', { reason: reasonOf(status.error) });
        if (status.error instanceof PermissionViolationError && status.error.operation === 'publish')
          this.listener.refused(status.error.subject);
        return;
      case 'ldm':
        return this.log.info('this NATS server is shutting down', { server: status.server });
      case 'staleConnection':
        return this.log.warn('NATS does not answer pings');
      case 'close':
        this.leaving = false;
        this.gone();
        for (const done of [...this.waiting]) done();
        return;
      default:
        return;
    }
  }

  private gone(): void {
    this.connected = false;
    this.listener.lost();
  }

  private async run(hook: Hook): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.log.error('a hook after reconnecting failed', { reason: reasonOf(error) });
    }
  }
}
