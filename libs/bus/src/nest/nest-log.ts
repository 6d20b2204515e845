import type { LoggerService } from '@nestjs/common';
import type { Log, LogFields } from '@countersign/runtime';

/** Nest's own messages through our log. What Nest tells about its start is `debug`. */
export class NestLog implements LoggerService {
  constructor(private readonly log_: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.log_.debug(textOf(message), fieldsOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.log_.debug(textOf(message), fieldsOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.log_.debug(textOf(message), fieldsOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.log_.warn(textOf(message), fieldsOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const stack = message instanceof Error ? { stack: message.stack } : {};
    this.log_.error(textOf(message), { ...stack, ...fieldsOf(rest) });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : (JSON.stringify(message) ?? String(message));
}

/** Nest passes the context last, and for errors a stack before it. */
function fieldsOf(rest: unknown[]): LogFields {
  const texts = rest.filter((part): part is string => typeof part === 'string');
  const stack = texts.find((text) => text.includes('\n    at '));
  const context = texts.findLast((text) => text !== stack);
  return { ...(context !== undefined && { context }), ...(stack !== undefined && { stack }) };
}
