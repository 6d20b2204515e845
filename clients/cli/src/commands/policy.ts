import {
  DEFAULT_POLICY,
  POLICY_CHOICES,
  POLICY_RANGES,
  type Policy,
  type PolicyFields,
  type PolicyHistoryEntry,
  type PolicyReply,
} from '@countersign/contracts';
import { Argument, InvalidArgumentError, type Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { timeOf } from '../screen/event-lines.js';
import { table } from '../screen/table.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';

export function policy(program: Command): void {
  const group = program.command('policy').description('what a tenant decides about guesses, codes and origins');
  show(group);
  set(group);
  history(group);
}

function show(group: Command): void {
  const command = asking(group.command('show'))
    .description('the policy in force, and what each field could be')
    .action(async (options: AskingOptions) => {
      const found = await asCaller(options, 'policy.get', (countersign) => countersign.policy({}));
      screenOf(options).result(found, policyLines(found));
    });
  example(command, 'countersign policy show');
}

interface SetOptions extends AskingOptions {
  ifVersion?: string;
}

function set(group: Command): void {
  const command = asking(group.command('set'))
    .addArgument(new Argument('<field=value...>', 'as policy show names them').argParser(changesOf))
    .description('decide it anew; verdicts follow within 5 seconds')
    .option('--if-version <sequence>', 'only if nothing was decided since; default: whatever there is now')
    .action(async (changes: PolicyFields, { ifVersion, ...options }: SetOptions) => {
      const done = await asCaller(options, 'policy.set', async (countersign) => {
        const version = ifVersion === undefined ? (await countersign.policy({})).version : Number(ifVersion);
        return countersign.setPolicy({ ...changes, version });
      });
      screenOf(options).result(done, policyLines(done));
    });
  example(command, 'countersign policy set minDigits=8 operatorAfter=50');
}

function history(group: Command): void {
  const command = asking(group.command('history'))
    .description('every policy there ever was, the first one first')
    .action(async (options: AskingOptions) => {
      const policies = await asCaller(options, 'policy.history', async (countersign) => {
        const all: PolicyHistoryEntry[] = [];
        for (let after = 0, more = true; more;) {
          const page = await countersign.policyHistory({ after });
          all.push(...page.policies);
          ({ next: after, more } = page);
        }
        return all;
      });
      screenOf(options).result({ policies }, historyLines(policies));
    });
  example(command, 'countersign policy history');
}

function changesOf(given: string, before: PolicyFields = {}): PolicyFields {
  const [field = '', value = ''] = given.split('=');
  if (!Object.hasOwn(DEFAULT_POLICY, field))
    throw new InvalidArgumentError(`${field} is none of ${Object.keys(DEFAULT_POLICY).join(', ')}`);
  return { ...before, [field]: valueOf(field as keyof Policy, value) };
}

/** Whether it lies in its range is the platform's to say. */
function valueOf(field: keyof Policy, text: string): number | boolean | string {
  const choices: readonly (string | boolean)[] = POLICY_CHOICES[field as keyof typeof POLICY_CHOICES] ?? [];
  const chosen = choices.find((choice) => String(choice) === text);
  if (chosen !== undefined) return chosen;
  if (choices.length > 0) throw new InvalidArgumentError(`${field} should be ${rangeOf(field)}`);
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`${field} should be a whole number`);
  return Number(text);
}

function rangeOf(field: keyof Policy): string {
  return field in POLICY_CHOICES
    ? POLICY_CHOICES[field as keyof typeof POLICY_CHOICES].join(' or ')
    : POLICY_RANGES[field as keyof typeof POLICY_RANGES].join(' to ');
}

function policyLines({ version, policy: decided }: PolicyReply): string[] {
  const fields = Object.entries(decided).map(([name, value]) => [name, String(value), rangeOf(name as keyof Policy)]);
  return [
    version === 0 ? 'the defaults: nothing was decided yet' : `as decided at ledger sequence ${version}`,
    ...table([['field', 'value', 'range'], ...fields]),
  ];
}

/** What each one changed against the one before. */
function historyLines(policies: PolicyHistoryEntry[]): string[] {
  const rows = policies.map(({ version, at, by, policy: decided }, index) => {
    const before = policies[index - 1]?.policy ?? DEFAULT_POLICY;
    const changed = Object.entries(decided).filter(([field, value]) => before[field as keyof Policy] !== value);
    return [String(version), timeOf(at), by, changed.map(([field, value]) => `${field}=${value}`).join(' ')];
  });
  return table([['version', 'decided at', 'by', 'changed'], ...rows]);
}
