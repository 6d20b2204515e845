import type { Finding } from '@countersign/audit-verifier';
import { counted } from '../importing/progress.js';

const SHOWN = 20;

/** What is wrong with a log, its kind first. */
export function findingLines(findings: readonly Finding[]): string[] {
  const lines = findings.slice(0, SHOWN).map(({ kind, text }) => `WRONG  ${kind}: ${text}`);
  const more = findings.length - lines.length;
  return more > 0 ? [...lines, `WRONG  and ${counted(more)} more`] : lines;
}
