import { cpSync, createWriteStream, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Violation } from '../checker/result.js';
import { readLedger } from '../history/read-ledger.js';
import type { TortureWorld } from '../world/world.js';

/** Puts what was found, the ledger's messages and every process's log beside the history. */
export async function keepRun(world: TortureWorld, folder: string, found: Violation[]): Promise<void> {
  writeFileSync(join(folder, 'violations.json'), JSON.stringify(found, null, 2));
  const { connection } = await world.torturer();
  await pipeline(Readable.from(lines(readLedger(connection))), createWriteStream(join(folder, 'ledger.jsonl')));
  cpSync(dirname(world.platform.folder.log('nats')), join(folder, 'logs'), { recursive: true });
}

async function* lines(messages: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const message of messages) yield `${JSON.stringify(message)}\n`;
}
