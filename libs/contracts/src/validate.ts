import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { Failure, type FieldProblem } from './failure.js';

type Constructor<T> = new () => T;

/**
 * Checks an untrusted value against a message class and returns an instance of it.
 * Throws INVALID_ARGUMENT naming every wrong field and what would be right; unknown fields are wrong too.
 */
export function parseMessage<T extends object>(type: Constructor<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure('INVALID_ARGUMENT', 'the message should be a JSON object');
  const message = plainToInstance(type, value, { exposeDefaultValues: true });
  const errors = validateSync(message, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length === 0) return message;
  const fields = errors.flatMap((error) => problemsOf(error, ''));
  const summary = fields.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
  throw new Failure('INVALID_ARGUMENT', summary.slice(0, MAX_SUMMARY), { fields: fields.slice(0, MAX_FIELDS) });
}

const MAX_FIELDS = 16; // an answer names enough to mend the request, and stays small
const MAX_SUMMARY = 512;
const MAX_NAME = 64; // a field's name is the sender's own text

function problemsOf(error: ValidationError, prefix: string): FieldProblem[] {
  const field = `${prefix}${error.property.slice(0, MAX_NAME)}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => ({
    field,
    problem: rule === 'whitelistValidation' ? 'is not a field of this message' : text,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, `${field}.`))];
}
