import { RULES, type Result, type Rule } from '../checker/result.js';
import type { Tally } from './tally.js';

const SHOWN = 5;
const WIDTH = 400; // the whole of it stands in violations.json

/** The result for people. */
export function summary(result: Result, tally: Tally, kept: string | undefined): string {
  const rules = (Object.keys(RULES) as Rule[]).map((rule) => [String(result[rule]), RULES[rule]]);
  const { recovery_ms_max } = result;
  return [
    '',
    ...table([
      [
        'asked',
        `${result.questions} questions about ${result.codes} codes and ${result.challenges} challenges; ${result.verdicts} verdicts`,
      ],
      ['failures', counts(result.failures) || 'none'],
      ['faults', counts(result.faults) || 'none'],
      ['not done', counts(Object.fromEntries(tally.notDone))],
      ['recovery', `p99 ${result.recovery_ms_p99} ms, ${result.recovery_ms_p99_electing} ms where JetStream elects`],
      ['', counts(recovery_ms_max)],
      ['guesses', `answered ${result.answered_guesses_max} of at most ${result.answered_guesses_bound} in a budget`],
      [
        '',
        `evaluated ${result.evaluated_guesses_max} of at most ${result.evaluated_guesses_cap} by device, minute and replica`,
      ],
    ]),
    '',
    ...table(rules),
    ...result.found
      .slice(0, SHOWN)
      .flatMap(({ rule, says, proof }) => [
        '',
        `${rule}: ${says}`,
        ...proof.filter((entry) => entry !== undefined).map((entry) => `    ${JSON.stringify(entry).slice(0, WIDTH)}`),
      ]),
    '',
    ...[...new Set(tally.notes)],
    ...(kept === undefined ? [] : [`history, ledger and logs: ${kept}`]),
    ...tally.neverDone.map((fault) => `${fault} was tried and never came about: this run says nothing of it.`),
    result.violations === 0 ? 'Every promise held.' : `${result.violations} violations.`,
  ].join('\n');
}

const counts = (of: Record<string, number>): string =>
  Object.entries(of)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');

function table(rows: (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows
    .filter(([, second]) => second !== '')
    .map(([first = '', second = '']) => `  ${first.padEnd(width)}  ${second}`);
}
