/**
 * Where two sequences differ, at a place in the expected one: `extra` stands there instead of `missing`; or what was found
 * ends there; or it goes on after all that was expected.
 */
export type Difference =
  | { kind: 'hole'; at: number; missing: string[]; extra: string[] }
  | { kind: 'short'; at: number }
  | { kind: 'long'; at: number };

/** So many in a row must be equal before two sequences are taken to go on together. */
const RUN = 3;
const FIRST_WINDOW = 256;
/** Further than this nobody looks for the place where they go on together. */
const LAST_WINDOW = 65_536;

export function* differences(expected: Iterator<string>, found: Iterator<string>): Generator<Difference, void> {
  const [wanted, seen] = [new Ahead(expected), new Ahead(found)];
  let at = 0;
  while (wanted.next !== undefined && seen.next !== undefined) {
    if (wanted.next === seen.next) {
      wanted.take(1);
      seen.take(1);
      at += 1;
      continue;
    }
    const [gone, came] = meeting(wanted, seen);
    const missing = wanted.take(gone);
    yield { kind: 'hole', at, missing, extra: seen.take(came) };
    at += missing.length;
  }
  if (wanted.next !== undefined) yield { kind: 'short', at };
  if (seen.next !== undefined) yield { kind: 'long', at };
}

/** How far to go in each to where both go on alike, as near as possible; a whole window of both where they do not. */
function meeting(wanted: Ahead, seen: Ahead): [gone: number, came: number] {
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const places = new Map<string | undefined, number>();
    for (let came = window; came >= 0; came -= 1) places.set(seen.peek(came), came);
    let nearest: [number, number] | undefined;
    for (let gone = 0; gone <= window && gone < sum(nearest); gone += 1) {
      const came = places.get(wanted.peek(gone));
      if (came !== undefined && gone + came < sum(nearest) && alike(wanted, gone, seen, came)) nearest = [gone, came];
    }
    if (nearest !== undefined) return nearest;
    if (window >= LAST_WINDOW) return [window, window];
  }
}

const sum = (place: [number, number] | undefined): number => (place ? place[0] + place[1] : Infinity);

function alike(wanted: Ahead, gone: number, seen: Ahead, came: number): boolean {
  for (let step = 0; step < RUN; step += 1) if (wanted.peek(gone + step) !== seen.peek(came + step)) return false;
  return true;
}

/** Reads ahead, as far as somebody peeks. */
class Ahead {
  private ready: string[] = [];
  private taken = 0;

  constructor(private readonly source: Iterator<string>) {}

  get next(): string | undefined {
    return this.peek(0);
  }

  /** Undefined beyond the end. */
  peek(ahead: number): string | undefined {
    while (this.ready.length - this.taken <= ahead) {
      const next = this.source.next();
      if (next.done) return undefined;
      this.ready.push(next.value);
    }
    return this.ready[this.taken + ahead];
  }

  take(count: number): string[] {
    const taken = this.ready.slice(this.taken, this.taken + count);
    this.taken += taken.length;
    if (this.taken > LAST_WINDOW) {
      this.ready = this.ready.slice(this.taken);
      this.taken = 0;
    }
    return taken;
  }
}
