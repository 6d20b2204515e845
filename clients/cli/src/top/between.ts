import type { Replica, Sample, Series } from './sample.js';

type Wanted = (labels: Record<string, string>) => boolean;
const ANY: Wanted = () => true;

/** What happened between two samples of the same platform. Names are without `countersign_`. */
export class Between {
  readonly seconds: number;

  constructor(
    private readonly before: Sample,
    private readonly now: Sample,
  ) {
    this.seconds = (now.atMs - before.atMs) / 1000;
  }

  get replicas(): Replica[] {
    return this.now.replicas;
  }

  /** Of a counter, a second, of all replicas (or one). A replica that was not there before has no rate yet. */
  rate(name: string, wanted: Wanted = ANY, of = this.replicas): number {
    return this.grown(name, wanted, of).reduce((sum, { by }) => sum + by, 0) / this.seconds;
  }

  /** The same, told apart by a label; what did not happen is not in it. */
  ratesBy(name: string, label: string, wanted: Wanted = ANY): Record<string, number> {
    const rates: Record<string, number> = {};
    for (const { labels, by } of this.grown(name, wanted, this.replicas)) {
      const key = labels[label] ?? '';
      if (by > 0) rates[key] = (rates[key] ?? 0) + by / this.seconds;
    }
    return rates;
  }

  /** Of a histogram of seconds: the mean and the quantile `q`, in ms; undefined when nothing was measured. */
  timing(name: string, wanted: Wanted = ANY, q = 0.99): { meanMs: number; quantileMs: number } | undefined {
    const count = this.rate(`${name}_count`, wanted);
    if (count <= 0) return undefined;
    const meanMs = (1000 * this.rate(`${name}_sum`, wanted)) / count;
    return { meanMs, quantileMs: 1000 * quantile(this.buckets(name, wanted), q) };
  }

  /** Of a gauge, now, of all replicas (or one) together. */
  gauge(name: string, of = this.replicas): number {
    return valuesOf(of, name).reduce((sum, value) => sum + value, 0);
  }

  /** The largest, or the smallest, that any replica says; undefined when none does. */
  extreme(which: 'max' | 'min', name: string): number | undefined {
    const values = valuesOf(this.replicas, name);
    return values.length === 0 ? undefined : Math[which](...values);
  }

  private buckets(name: string, wanted: Wanted): [le: number, count: number][] {
    const sums = new Map<number, number>();
    for (const { labels, by } of this.grown(`${name}_bucket`, wanted, this.replicas)) {
      const le = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      sums.set(le, (sums.get(le) ?? 0) + by);
    }
    return [...sums].sort(([one], [other]) => one - other);
  }

  private grown(name: string, wanted: Wanted, of: Replica[]): { labels: Record<string, string>; by: number }[] {
    return of.flatMap((replica) => {
      const before = this.before.replicas.find(({ id }) => id === replica.id);
      if (before === undefined) return [];
      const values = new Map(named(before, name).map((series) => [keyOf(series), series.value]));
      return named(replica, name)
        .filter(({ labels }) => wanted(labels))
        .map((series) => ({ labels: series.labels, by: series.value - (values.get(keyOf(series)) ?? 0) }));
    });
  }
}

const named = ({ series }: Replica, name: string): Series[] =>
  series.filter((each) => each.name === `countersign_${name}` || each.name === name);
const keyOf = ({ labels }: Series): string => JSON.stringify(labels);
const valuesOf = (of: Replica[], name: string): number[] =>
  of.flatMap((replica) => named(replica, name).map(({ value }) => value));

/** Within a bucket as if its values lay evenly in it, as Prometheus does; beyond the last, its bound. */
export function quantile(buckets: [le: number, count: number][], q: number): number {
  const total = buckets.at(-1)?.[1] ?? 0;
  let [lower, below] = [0, 0];
  for (const [le, count] of buckets) {
    if (count >= q * total)
      return le === Infinity ? lower : lower + ((le - lower) * (q * total - below)) / (count - below);
    [lower, below] = [le, count];
  }
  return lower;
}
