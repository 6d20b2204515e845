import { sameHash } from '@countersign/tlog';
import type { TreeHead, VerifierKey } from '@countersign/tlog';
import { CSV_HEADER, parseLine } from './export-file.js';
import type { ExportFormat } from './export-file.js';
import type { Finding } from './finding.js';
import { ReceiptChecker } from './receipt.js';
import type { Entry } from './entry.js';

export interface VerifiedExport {
  events: number;
  /** the largest log that the receipts are of */
  head: TreeHead | undefined;
  findings: Finding[];
}

/** More than these tell nobody more. */
const MOST_FINDINGS = 1000;

/**
 * Checks every line of an export, and that between the first and the last event of each account none is missing. What came
 * before the first and after the last, and accounts of which nothing is there, an export cannot prove.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  key: VerifierKey,
  tell: (events: number) => void = () => undefined,
): Promise<VerifiedExport> {
  const reading = new ReadingExport(key);
  let format: ExportFormat | undefined;
  for await (const line of lines) {
    if (format === undefined && line === CSV_HEADER) format = 'csv';
    else reading.line((format ??= 'jsonl'), line);
    if (reading.findings.length >= MOST_FINDINGS) break;
    if (reading.events % 256 === 0) tell(reading.events);
  }
  return reading;
}

class ReadingExport implements VerifiedExport {
  events = 0;
  head: TreeHead | undefined;
  readonly findings: Finding[] = [];
  private readonly checker: ReceiptChecker;
  private readonly last = new Map<string, number>(); // sequence, by subject
  private lines = 0;
  private sequence = 0;

  constructor(key: VerifierKey) {
    this.checker = new ReceiptChecker(key);
  }

  line(format: ExportFormat, line: string): void {
    this.lines += 1;
    const parsed = readable(() => parseLine(format, line));
    if (parsed === undefined)
      return this.found({ kind: 'changed', text: `line ${this.lines} of the events is no receipt` });
    const checked = this.checker.check(parsed.receipt);
    if (checked.kind === 'wrong') return this.found(checked.finding);
    const { sequence, entry, head } = checked;
    if (!parsed.showsItself)
      this.found({
        kind: 'changed',
        text: `the line of sequence ${sequence} shows something else than its receipt says`,
      });
    this.events += 1;
    this.inOrder(sequence);
    this.chained(sequence, entry);
    this.oneLog(head);
  }

  private inOrder(sequence: number): void {
    if (sequence === this.sequence) this.found({ kind: 'inserted', text: `sequence ${sequence} is there twice` });
    if (sequence < this.sequence)
      this.found({ kind: 'reordered', text: `sequence ${sequence} stands after ${this.sequence}` });
    this.sequence = Math.max(this.sequence, sequence);
  }

  private chained(sequence: number, { subject, after }: Entry): void {
    const before = this.last.get(subject);
    if (before !== undefined && after !== undefined && after > before)
      this.found({
        kind: 'dropped',
        text: `sequence ${after} is missing, which ${sequence} follows; on the same subject there is ${before} before it`,
      });
    this.last.set(subject, sequence);
  }

  private oneLog(head: TreeHead): void {
    if (this.head?.size === head.size && !sameHash(this.head.root, head.root))
      this.found({ kind: 'forked', text: `two logs of ${head.size} entries are signed` });
    if (this.head === undefined || head.size > this.head.size) this.head = head;
  }

  /** What is wrong with a checkpoint is told once, not for every line that has it. */
  private found(finding: Finding): void {
    if (!this.findings.some(({ text }) => text === finding.text)) this.findings.push(finding);
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
