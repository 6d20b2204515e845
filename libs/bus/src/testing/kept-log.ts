import { Log } from '@countersign/runtime';

/** A log that keeps its lines, so that a test can read them and the terminal stays clean. */
export function keptLog(): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = new Log('test', 'debug', (text) => {
    for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  return { log, lines };
}
