import type { Pattern } from './encodings.js';

export interface Find {
  pattern: Pattern;
  /** where it begins, from the beginning of all that was searched */
  offset: number;
}

const PREFIX_BYTES = 8;
const TABLE_BITS = 22;
const { imul } = Math; // Jest looks up a global a hundred times slower than a constant

/**
 * Looks for very many patterns at once, in one pass: a hash of each place's next 8 bytes goes through a table of bits,
 * and what passes is compared. Patterns have 8 bytes at least.
 */
export class Search {
  private readonly table = new Uint8Array(1 << (TABLE_BITS - 3));
  private readonly byHash = new Map<number, Pattern[]>();
  /** bytes of the longest pattern */
  readonly longest: number = 0;

  constructor(patterns: readonly Pattern[]) {
    for (const pattern of patterns) {
      const { bytes } = pattern;
      if (bytes.length < PREFIX_BYTES) throw new RangeError(`a pattern has ${PREFIX_BYTES} bytes at least`);
      const hash = mix(bytes.readInt32BE(0), bytes.readInt32BE(4));
      const known = this.byHash.get(hash);
      if (known) known.push(pattern);
      else this.byHash.set(hash, [pattern]);
      const bit = hash >>> (32 - TABLE_BITS);
      this.table[bit >> 3]! |= 1 << (bit & 7);
      this.longest = Math.max(this.longest, bytes.length);
    }
  }

  /** Every find in `bytes` that does not lie wholly within the first `known` bytes. */
  in(bytes: Buffer, base = 0, known = 0): Find[] {
    const finds: Find[] = [];
    const { table } = this;
    let high = 0;
    let low = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | bytes[end]!;
      if (end < PREFIX_BYTES - 1) continue;
      const hash = mix(high, low);
      const bit = hash >>> (32 - TABLE_BITS);
      if ((table[bit >> 3]! & (1 << (bit & 7))) !== 0)
        this.compare(hash, bytes, end - PREFIX_BYTES + 1, base, known, finds);
    }
    return finds;
  }

  /** The same over pieces that follow each other; a pattern across their borders is found. */
  async through(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Find[]> {
    const finds: Find[] = [];
    let kept: Buffer = Buffer.alloc(0);
    let base = 0;
    for await (const piece of pieces) {
      const bytes = kept.length === 0 ? piece : Buffer.concat([kept, piece]);
      finds.push(...this.in(bytes, base, kept.length));
      const from = Math.max(0, bytes.length - this.longest + 1);
      kept = Buffer.from(bytes.subarray(from)); // a copy: the piece's memory may be filled anew
      base += from;
    }
    return finds;
  }

  private compare(hash: number, bytes: Buffer, at: number, base: number, known: number, finds: Find[]): void {
    for (const pattern of this.byHash.get(hash) ?? []) {
      const end = at + pattern.bytes.length;
      if (end <= known || end > bytes.length) continue;
      if (bytes.compare(pattern.bytes, 0, pattern.bytes.length, at, end) === 0)
        finds.push({ pattern, offset: base + at });
    }
  }
}

/** Two odd constants spread eight bytes over 32 bits. */
const mix = (high: number, low: number): number => (imul(high, 0x9e3779b1) + imul(low, 0x85ebca6b)) | 0;

/** For people: which canary, in which form, how often. Never the secret itself. */
export function report(finds: readonly Find[]): string[] {
  const counts = new Map<string, number>();
  for (const { pattern } of finds) {
    const line = `${pattern.canary} as ${pattern.form}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${line}, ${count} times`);
}
