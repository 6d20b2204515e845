import { readFileSync } from 'node:fs';
import { Secret } from './secret.js';
import type { LogLevel } from './log.js';

/** Every problem of a configuration at once, each naming its variable and what would be right. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`the configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

export interface IntegerField {
  /** for people, in the error text: 'ms', 'requests' */
  unit: string;
  min: number;
  max: number;
  fallback?: number;
}

/**
 * Reads environment variables once, at start. Problems are collected; `finish()` throws them together as ConfigError.
 * Secrets come by the path of a file (`*_FILE`), never by value.
 */
export class Environment {
  private readonly problems: string[] = [];

  constructor(private readonly variables: NodeJS.ProcessEnv = process.env) {}

  /** Whether a variable is set at all: for what may be left out. */
  has(name: string): boolean {
    return (this.variables[name] ?? '') !== '';
  }

  text(name: string, expected: string, options: { fallback?: string; pattern?: RegExp } = {}): string {
    const value = this.variables[name] ?? options.fallback;
    if (value === undefined || value === '') return this.problem(name, `is not set; it should be ${expected}`, '');
    if (options.pattern && !options.pattern.test(value))
      return this.problem(name, `is ${JSON.stringify(value)}; it should be ${expected}`, '');
    return value;
  }

  integer(name: string, field: IntegerField): number {
    const expected = `a whole number of ${field.unit} from ${field.min} to ${field.max}`;
    const text = this.variables[name];
    if (text === undefined || text === '') {
      if (field.fallback !== undefined) return field.fallback;
      return this.problem(name, `is not set; it should be ${expected}`, field.min);
    }
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < field.min || value > field.max)
      return this.problem(name, `is ${JSON.stringify(text)}; it should be ${expected}`, field.min);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = (this.variables[name] ?? fallback) as T;
    if (allowed.includes(value)) return value;
    return this.problem(name, `is ${JSON.stringify(value)}; it should be one of ${allowed.join(', ')}`, fallback);
  }

  /**
   * The bytes of the file that variable `name` points to, without a trailing newline. `bytes`: there must be exactly so
   * many, and a last one that happens to be a newline's belongs to them.
   */
  secretFile(name: string, expected: string, options: { minBytes?: number; bytes?: number } = {}): Secret {
    const { bytes, minBytes = 1 } = options;
    const text = this.file(name, bytes === undefined ? expected : `${expected}, ${bytes} bytes`, bytes);
    const secret = new Secret(text);
    const fits = bytes === undefined ? secret.length >= minBytes : secret.length === bytes;
    if (text.length > 0 && !fits)
      return this.problem(
        name,
        `points to a file of ${secret.length} bytes; it should be ${expected} of ${bytes ?? `at least ${minBytes}`} bytes`,
        new Secret(Buffer.alloc(0)),
      );
    return secret;
  }

  /** The path of such a file, which is looked at now all the same: for a secret that is read again later. */
  secretPath(name: string, expected: string, options: { minBytes?: number; bytes?: number } = {}): string {
    this.secretFile(name, expected, options)[Symbol.dispose]();
    return this.variables[name] ?? '';
  }

  /** A file of certificates, as PEM. */
  pemFile(name: string, expected: string): string {
    const text = this.file(name, expected).toString('utf8');
    if (text !== '' && !text.includes('-----BEGIN CERTIFICATE-----'))
      return this.problem(name, `points to a file without a certificate; it should be ${expected}`, '');
    return text;
  }

  /** A file of JSON. */
  jsonFile<T>(name: string, expected: string, check: (value: unknown) => value is T): T {
    const text = this.file(name, expected).toString('utf8');
    if (text === '') return undefined as T;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.problem(name, `points to a file that is not JSON; it should be ${expected}`, undefined as T);
    }
    if (!check(value))
      return this.problem(name, `points to a file of another shape; it should be ${expected}`, undefined as T);
    return value;
  }

  logLevel(): LogLevel {
    return this.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'] as const, 'info');
  }

  /** Adds a problem found by the caller; returns `value` so that reading can go on. */
  problem<T>(name: string, text: string, value: T): T {
    this.problems.push(`${name} ${text}`);
    return value;
  }

  finish(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }

  private file(name: string, expected: string, exactBytes?: number): Buffer {
    const path = this.variables[name];
    if (path === undefined || path === '')
      return this.problem(name, `is not set; it should be the path of a file: ${expected}`, Buffer.alloc(0));
    try {
      const bytes = readFileSync(path);
      if (bytes.length === 0) this.problem(name, `points to an empty file; it should be ${expected}`, undefined);
      return bytes.at(-1) === 10 && bytes.length !== exactBytes ? bytes.subarray(0, -1) : bytes;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'error';
      return this.problem(
        name,
        `points to ${path}, which cannot be read (${code}); it should be the path of a file: ${expected}`,
        Buffer.alloc(0),
      );
    }
  }
}
