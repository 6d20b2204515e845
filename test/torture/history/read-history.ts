import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './entry.js';
import { HISTORY_FILE } from './history-file.js';

/** The torturer's entries in the order in which it saw them, then those of each life of the key service. */
export async function* readHistory(folder: string): AsyncGenerator<Entry> {
  const evaluated = readdirSync(folder).filter((name) => /^evaluated-.*\.jsonl$/.test(name));
  for (const name of [HISTORY_FILE, ...evaluated]) yield* entriesIn(join(folder, name));
}

/** A last line without its end is passed over: its writer was killed before anybody could hear of it. */
async function* entriesIn(path: string): AsyncGenerator<Entry> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield JSON.parse(line) as Entry;
  }
}
