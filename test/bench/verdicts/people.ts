import { createHmac } from 'node:crypto';
import { truncate } from '../floor/keys.js';

const STEP_MS = 30_000;
const DIGITS = 6;
/** Steps around the clock's that a code may be of. */
const AROUND = 1;

/** Somebody with a TOTP device: HMAC-SHA-1, six digits, 30 s (RFC 6238). */
export class Person {
  /** the last step whose code was shown */
  private shown = -Infinity;

  constructor(
    readonly name: string,
    private readonly key: Buffer,
  ) {}

  /** The next code that nobody has seen, and its step; undefined until the clock has another one. */
  next(nowMs: number): { code: string; step: number } | undefined {
    if (!this.hasNext(nowMs)) return undefined;
    const now = Math.floor(nowMs / STEP_MS);
    const step = Math.max(this.shown + 1, Number.isFinite(now) ? now - AROUND : 0);
    this.shown = step;
    return { code: this.at(step), step };
  }

  /** Whether the clock has one. */
  hasNext(nowMs: number): boolean {
    return this.shown < Math.floor(nowMs / STEP_MS) + AROUND;
  }

  /** The last code that was shown. */
  last(): string {
    return this.at(this.shown);
  }

  /** A code of none of the steps around. */
  wrong(nowMs: number): string {
    const now = Math.floor(nowMs / STEP_MS);
    const near = new Set(Array.from({ length: 12 }, (_, at) => this.at(now - 6 + at)));
    for (let code = 0; ; code += 1) if (!near.has(padded(code))) return padded(code);
  }

  private at(step: number): string {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(step));
    return padded(truncate(createHmac('sha1', this.key).update(bytes).digest()));
  }
}

const padded = (code: number): string => String(code).padStart(DIGITS, '0');
