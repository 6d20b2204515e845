import type { MessageHandler } from '@nestjs/microservices';
import { Failures, type FailureCode } from '@countersign/contracts';
import { REQUESTS, REQUEST_SECONDS } from './request-metrics.js';

/** Second argument of `@MessagePattern(subject, extras)` and `@EventPattern(subject, extras)`. */
export interface EndpointExtras {
  /** `false`: every replica gets every message (alarms). A string: another queue group. Default: the server's. */
  queue?: string | false;
  /** the pattern's last token is `*`, and this replica is asked by its own name there */
  perReplica?: boolean;
  /** the endpoint's name in discovery, `[a-zA-Z0-9_-]+`; default: made from the subject */
  name?: string;
}

/** One subscribed pattern, and what ADR-32 wants counted about it. */
export class Endpoint {
  requests = 0;
  errors = 0;
  lastError = '';
  processingMs = 0;
  /** dropped: no inbox to answer to */
  dropped = 0;
  /** dropped: nobody waited any more */
  expired = 0;
  /** refused: the service had all the requests it takes at once */
  refused = 0;

  constructor(
    readonly subject: string,
    readonly name: string,
    /** as metrics and logs name it: the subject without the platform's beginning, and without who asked */
    readonly verb: string,
    readonly queue: string | undefined,
    readonly handler: MessageHandler,
    readonly kind: 'request' | 'event',
  ) {}

  succeeded(): void {
    REQUESTS.inc({ verb: this.verb, outcome: 'ok' });
  }

  /** `tookMs` from the moment it can have arrived; `processingMs` of it in the handler. */
  ended(tookMs: number, processingMs: number): void {
    this.processingMs += processingMs;
    REQUEST_SECONDS.observe({ verb: this.verb }, tookMs / 1000);
  }

  /** The text is the code's own: what the failure says about one request stays out of statistics. */
  failed(code: FailureCode): void {
    this.errors += 1;
    REQUESTS.inc({ verb: this.verb, outcome: code });
    this.lastError = `${code}: ${Failures[code].text}`;
  }
}

/**
 * Reads a handler that Nest registered. Throws Error for a pattern that is not a NATS subject, and for one of a single
 * replica where this one has no name.
 */
export function endpointOf(pattern: string, handler: MessageHandler, queue: string, replica?: string): Endpoint {
  if (!/^[^\s.*>]+(\.[^\s.*>]+|\.\*)*(\.>)?$/.test(pattern))
    throw new Error(`the pattern ${JSON.stringify(pattern)} is not a NATS subject`);
  const extras = (handler.extras ?? {}) as EndpointExtras;
  const group = extras.queue === false ? undefined : (extras.queue ?? queue);
  const name =
    extras.name ??
    pattern
      .replace(/[*>]/g, '')
      .replace(/[^a-zA-Z0-9_-]+/g, '-')
      .replace(/-$/, '');
  return new Endpoint(
    extras.perReplica ? ofReplica(pattern, replica) : pattern,
    name,
    verbOf(pattern),
    group,
    handler,
    handler.isEventHandler ? 'event' : 'request',
  );
}

const verbOf = (pattern: string): string =>
  pattern.replace(/^countersign\.(v\d+\.\*\.\*|internal)\./, '').replace(/\.\*$/, '');

function ofReplica(pattern: string, replica: string | undefined): string {
  if (replica !== undefined && pattern.endsWith('.*')) return pattern.replace(/\*$/, replica);
  throw new Error(`the pattern ${pattern} is to end in this replica's name`);
}
