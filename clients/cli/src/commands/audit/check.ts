import { readFileSync } from 'node:fs';
import { ReceiptChecker, parseReceipt, type Checked, type Receipt } from '@countersign/audit-verifier';
import { reasonOf } from '@countersign/runtime';
import type { Command } from 'commander';
import { findingLines } from '../../auditing/finding-lines.js';
import { keyed, logKey, type KeyOptions } from '../../auditing/log-key.js';
import { EXIT, Unusable } from '../../exit.js';
import { counted } from '../../importing/progress.js';
import { example, screenOf, shared } from '../../shared-options.js';

export function check(group: Command): void {
  const command = keyed(shared(group.command('check <receipt>')))
    .description('is the event of a receipt in the log? Asks nobody')
    .action((file: string, options: KeyOptions) => {
      const checked = new ReceiptChecker(logKey(options)).check(receiptIn(file));
      screenOf(options).result(shown(checked), lines(checked));
      process.exitCode = checked.kind === 'right' ? EXIT.ok : EXIT.failed;
    });
  example(command, 'countersign audit check receipt.json --key example.org/log+b220fe80+AddamAGC...');
}

function receiptIn(file: string): Receipt {
  try {
    return parseReceipt(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Unusable(`${file}: ${reasonOf(error)}`);
  }
}

function shown(checked: Checked): object {
  if (checked.kind === 'wrong') return { right: false, finding: checked.finding };
  const { sequence, entry, head } = checked;
  return { right: true, sequence, size: head.size, subject: entry.subject, event: entry.event };
}

function lines(checked: Checked): string[] {
  if (checked.kind === 'wrong') return findingLines([checked.finding]);
  const { sequence, entry, head } = checked;
  return [
    `right: sequence ${sequence} of a signed log of ${counted(head.size)} entries`,
    `  ${entry.subject}`,
    `  ${JSON.stringify(entry.event)}`,
  ];
}
