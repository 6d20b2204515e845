import { Failure, type FieldProblem } from './failure.js';
import { planOf, type Constructor, type FieldRule, type Plan } from './validation-plan.js';

/**
 * Checks an untrusted value against a message class and returns an instance of it, made of the declared fields only.
 * Throws INVALID_ARGUMENT naming each wrong field (the first rule it breaks) and what would be right. Unknown fields are
 * wrong too, whatever their name. The work is bounded by the class, not by what was sent: it stops at MAX_FIELDS.
 */
export function parseMessage<T extends object>(type: Constructor<T>, value: unknown): T {
  if (!isObject(value)) throw new Failure('INVALID_ARGUMENT', 'the message should be a JSON object');
  const problems: FieldProblem[] = [];
  const message = read(planOf(type), value, '', problems);
  if (problems.length === 0) return message as T;
  const summary = problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
  throw new Failure('INVALID_ARGUMENT', summary.slice(0, MAX_SUMMARY), { fields: problems });
}

const MAX_FIELDS = 32; // more than any message has, so that all that is wrong is named; an answer stays small
const MAX_SUMMARY = 512;
const MAX_NAME = 64;

type Plain = Record<string, unknown>;
const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function read(plan: Plan, value: Plain, prefix: string, problems: FieldProblem[]): object {
  const message = new plan.type() as Plain;
  for (const name of Object.keys(value)) {
    if (problems.length >= MAX_FIELDS) break;
    if (!plan.names.has(name)) wrong(problems, prefix + shown(name), 'is not a field of this message');
  }
  for (const rule of plan.fields) {
    if (problems.length >= MAX_FIELDS) break;
    const given = Object.hasOwn(value, rule.name) ? value[rule.name] : undefined;
    if (given === undefined && rule.optional) continue;
    message[rule.name] = field(rule, given, prefix + rule.name, problems);
  }
  return message;
}

function field(rule: FieldRule, given: unknown, path: string, problems: FieldProblem[]): unknown {
  for (const check of rule.checks) {
    if (check.holds(given)) continue;
    wrong(problems, path, check.problem);
    return undefined;
  }
  const { nested } = rule;
  if (nested === undefined) return given;
  const one = (item: unknown, at: string): unknown => {
    if (isObject(item)) return read(nested(), item, `${at}.`, problems);
    wrong(problems, at, 'an object');
    return undefined;
  };
  return rule.list && Array.isArray(given)
    ? given.map((item, index) => one(item, `${path}.${index}`))
    : one(given, path);
}

function wrong(problems: FieldProblem[], field: string, problem: string): void {
  if (problems.length < MAX_FIELDS) problems.push({ field, problem });
}

/** An unknown field's name is the sender's own text: what is not visible ASCII does not reach headers and logs. */
const shown = (name: string): string => name.slice(0, MAX_NAME).replace(/[^\x21-\x7e]/g, '?');
