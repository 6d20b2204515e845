import type { DeviceStatus, FailureCode } from '@countersign/contracts';
import type { Refused } from '@countersign/token-files';
import { table } from '../screen/table.js';
import type { Outcome, Wanted } from './importer.js';
import { counted } from './progress.js';

/** What became of each token of a file. */
export interface Report {
  file: string;
  tenant: string;
  /** in the file and readable */
  tokens: number;
  imported: number;
  /** imported before */
  there: number;
  refused: Omit<Refused, 'kind'>[];
  failed: { line: number; serial: string; account: string; code: FailureCode; message: string }[];
  devices: { line: number; serial: string; account: string; device: string; status: DeviceStatus }[];
}

export function newReport(file: string, tenant: string, tokens: number, refused: Refused[]): Report {
  const plain = refused.map(({ kind: _kind, ...rest }) => rest);
  return { file, tenant, tokens, imported: 0, there: 0, refused: plain, failed: [], devices: [] };
}

export function note(report: Report, { token: { line, serial }, account, device }: Wanted, outcome: Outcome): void {
  if (outcome.kind === 'failed') {
    const { code, message } = outcome.failure;
    report.failed.push({ line, serial, account, code, message });
    return;
  }
  report[outcome.kind] += 1;
  report.devices.push({ line, serial, account, device, status: outcome.status });
}

/** In the file's order, whatever batch ended first. */
export function sorted(report: Report): Report {
  report.failed.sort((a, b) => a.line - b.line);
  report.devices.sort((a, b) => a.line - b.line);
  return report;
}

/** Counts for programs, with every reason; which devices there are is in the file of --report. */
export function summary({ devices: _devices, ...rest }: Report): object {
  return rest;
}

const MOST_SHOWN = 20;

/** For people: the counts, then what was refused or failed, in the file's order. */
export function reportLines({ imported, there, refused, failed }: Report): string[] {
  const reasons = [
    ...refused.map(({ line, serial = '', field, why }) => ({ line, serial, why: `${field}: ${why}` })),
    ...failed.map(({ line, serial, code, message }) => ({ line, serial, why: `${code}: ${message}` })),
  ].sort((a, b) => a.line - b.line);
  const shown = reasons.slice(0, MOST_SHOWN).map(({ line, serial, why }) => [`${line}`, serial, why]);
  const more = reasons.length - shown.length;
  return [
    ...table([
      ['imported', counted(imported)],
      ['already there', counted(there)],
      ['refused in the file', counted(refused.length)],
      ['failed', counted(failed.length)],
    ]),
    ...(shown.length > 0 ? ['', ...table([['line', 'serial', 'why'], ...shown])] : []),
    ...(more > 0 ? [`and ${counted(more)} more: --report <file> lists all`] : []),
  ];
}
