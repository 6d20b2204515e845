import { expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from './entry.js';
import { HISTORY_FILE, HistoryFile } from './history-file.js';
import { readHistory } from './read-history.js';

const entry = (fault: number): Entry => ({ kind: 'fault-ended', at: fault, fault, elects: false });
const line = (fault: number): string => `${JSON.stringify(entry(fault))}\n`;

test('a history is read as it was written, with what each life of the key service wrote before it was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-history-'));
  try {
    const file = new HistoryFile(join(folder, HISTORY_FILE));
    const written = Array.from({ length: 10_000 }, (_, fault) => entry(fault));
    for (const each of written) file.write(each);
    await file.close();
    appendFileSync(join(folder, 'evaluated-1-1.jsonl'), line(-1) + line(-2).slice(0, 20));
    appendFileSync(join(folder, 'evaluated-2-2.jsonl'), line(-3));
    const read: Entry[] = [];
    for await (const each of readHistory(folder)) read.push(each);
    expect(read).toEqual([...written, entry(-1), entry(-3)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
