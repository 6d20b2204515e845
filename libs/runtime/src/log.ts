import { Secret } from './secret.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** What a log line may hold: identifiers, numbers and error texts. Never a code, a seed, a PIN or a token (I5). */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** JSON lines: `{"at": ISO 8601, "level", "service", "message", ...fields}`. */
export class Log {
  constructor(
    private readonly service: string,
    private readonly level: LogLevel = 'info',
    private readonly write: (line: string) => void = (line) => process.stderr.write(line),
    private readonly nowMs: () => number = () => Date.now(),
  ) {}

  debug(message: string, fields?: LogFields): void {
    this.line('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.line('info', message, fields);
  }

  /** The same message with each of these fields, a line each, in one write. */
  infos(message: string, each: LogFields[]): void {
    if (RANK.info < RANK[this.level]) return;
    this.write(each.map((fields) => this.text('info', message, fields)).join(''));
  }

  warn(message: string, fields?: LogFields): void {
    this.line('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.line('error', message, fields);
  }

  private line(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (RANK[level] >= RANK[this.level]) this.write(this.text(level, message, fields));
  }

  private text(level: LogLevel, message: string, fields: LogFields): string {
    const at = new Date(this.nowMs()).toISOString();
    const safe = (_key: string, value: unknown): unknown => (value instanceof Secret ? '[secret]' : value);
    return JSON.stringify({ at, level, service: this.service, message, ...fields }, safe) + '\n';
  }
}

/** The text of an unknown thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
