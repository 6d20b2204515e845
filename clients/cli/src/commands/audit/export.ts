import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { CSV_HEADER, EXPORT_FORMATS, formatLine, type ExportFormat, type Receipt } from '@countersign/audit-verifier';
import { Option, type Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { checkpointOver, receipts, sequencesOf } from '../../auditing/exported.js';
import { keyed, logKey, type KeyOptions } from '../../auditing/log-key.js';
import { counted } from '../../importing/progress.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';
import { spanning, timeSpan, type TimeSpanOptions } from '../../time-span.js';

interface Options extends AskingOptions, KeyOptions, TimeSpanOptions {
  account?: string;
  format: ExportFormat;
}

export function exportEvents(group: Command): void {
  const command = keyed(spanning(asking(group.command('export <file>'))))
    .description("the tenant's events, each with its receipt: countersign audit verify checks them, offline")
    .option('--account <name>', 'only of this account')
    .addOption(
      new Option('--format <name>', 'one receipt a line, in csv after what it says')
        .choices(EXPORT_FORMATS)
        .default('jsonl'),
    )
    .action(async (file: string, options: Options) => {
      const key = logKey(options);
      const { account, format } = options;
      const done = await asCaller(options, 'audit.proof', async (countersign) => {
        const sequences = await sequencesOf(countersign, {
          ...(account !== undefined && { account }),
          ...timeSpan(options),
        });
        const over = await checkpointOver(countersign, sequences.at(-1) ?? 0, key);
        await written(file, format, receipts(countersign, sequences, over));
        return { events: sequences.length, size: over.head.size, file };
      });
      screenOf(options).result(
        done,
        `${counted(done.events)} events of a log of ${counted(done.size)} entries, in ${file}`,
      );
    });
  example(command, 'countersign audit export events.csv --account ada@acme.example --since 2027-01-01 --format csv');
}

/** Under another name until it is whole. */
async function written(file: string, format: ExportFormat, all: AsyncIterable<Receipt>): Promise<void> {
  const part = createWriteStream(`${file}.part`, { mode: 0o600 });
  if (format === 'csv') await line(part, CSV_HEADER);
  for await (const receipt of all) await line(part, formatLine(format, receipt));
  part.end();
  await finished(part);
  await rename(`${file}.part`, file);
}

async function line(stream: Writable, text: string): Promise<void> {
  if (!stream.write(`${text}\n`)) await once(stream, 'drain');
}
