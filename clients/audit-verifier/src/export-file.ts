import { readEntry } from './entry.js';
import { parseReceipt } from './receipt.js';
import type { Receipt } from './receipt.js';

/** An export is receipts, one a line; csv shows beside each what is in it, for people and spreadsheets. */
export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const SHOWN = ['account', 'type', 'device', 'verb', 'reason', 'by'] as const;
export const CSV_HEADER = ['sequence', 'at', ...SHOWN, 'receipt'].join(',');

/** A receipt as a line of an export. It has no line end in it: JSON writes them as \n. */
export function formatLine(format: ExportFormat, receipt: Receipt): string {
  const json = JSON.stringify(receipt);
  return format === 'jsonl' ? json : [...shown(receipt), json].map(quoted).join(',');
}

/** A line, and whether it shows what its receipt says. Throws where it is none. */
export function parseLine(format: ExportFormat, line: string): { receipt: Receipt; showsItself: boolean } {
  const receipt = parseReceipt(format === 'jsonl' ? line : lastCell(line));
  return { receipt, showsItself: formatLine(format, receipt) === line };
}

/** The cells before the receipt: what an entry says of itself. */
function shown({ sequence, entry }: Receipt): string[] {
  const { subject, event } = readEntry(Buffer.from(entry, 'utf8'));
  const told = { ...event, account: subject.split('.')[2] };
  const at = event?.['at'];
  const time = typeof at === 'number' && Math.abs(at) <= LAST_MS ? new Date(at).toISOString() : '';
  return [String(sequence), time, ...SHOWN.map((field) => textOf(told[field as keyof typeof told]))];
}

const LAST_MS = 8.64e15; // of a Date

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** RFC 4180 section 2. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Of a row that ends in a quoted cell. */
function lastCell(row: string): string {
  const cell = /"((?:[^"]|"")*)"$/.exec(row)?.[1];
  if (cell === undefined) throw new Error('the row has no receipt');
  return cell.replaceAll('""', '"');
}
