import type { LivingService } from '@countersign/local';

/** What `$SRV.METRICS` answers: the text format of Prometheus. */
export interface ToldMetrics extends LivingService {
  text: string;
}

/** One line of it. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What one replica said at one time. */
export interface Replica {
  service: string;
  id: string;
  series: Series[];
}

export interface Sample {
  /** monotonic, ms */
  atMs: number;
  replicas: Replica[];
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="([^"]*)"/g; // no label of ours holds a quotation mark

export function sampleOf(told: ToldMetrics[], atMs: number): Sample {
  const replicas = told.map(({ name, id, text }) => ({ service: name, id, series: seriesIn(text) }));
  return { atMs, replicas };
}

export function seriesIn(text: string): Series[] {
  return text.split('\n').flatMap((line) => {
    const found = line.startsWith('#') ? null : LINE.exec(line);
    if (found === null) return [];
    const [, name = '', labels = '', value] = found;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}
