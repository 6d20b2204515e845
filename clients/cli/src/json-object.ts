import { InvalidArgumentError } from 'commander';

/** Reads what was typed for an option. */
export function jsonObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // as below
  }
  throw new InvalidArgumentError('it should be a JSON object');
}
