import { getMetadataStorage } from 'class-validator';
import type { Schema } from './schema.js';

/** What the decorators of one field say. */
export interface FieldLimits {
  optional: boolean;
  schema: Schema;
  /** a list of messages: their class says the rest */
  nested?: true;
  /** the text a sender reads when the field is wrong */
  rule?: string;
}

/** By the name of class-validator's rule: what it is in JSON Schema. */
const RULES: Record<string, (constraints: unknown[]) => Schema> = {
  isLength: ([min, max]) => ({ type: 'string', minLength: min as number, maxLength: max as number }),
  matches: ([pattern]) => ({ type: 'string', pattern: (pattern as RegExp).source }),
  isInt: () => ({ type: 'integer' }),
  min: ([minimum]) => ({ minimum: minimum as number }),
  max: ([maximum]) => ({ maximum: maximum as number }),
  isIn: ([values]) => ({ enum: [...(values as unknown[])] }),
  isObject: () => ({ type: 'object' }),
  isBoolean: () => ({ type: 'boolean' }),
  isArray: () => ({ type: 'array' }),
  arrayMinSize: ([minItems]) => ({ minItems: minItems as number }),
  arrayMaxSize: ([maxItems]) => ({ maxItems: maxItems as number }),
  arrayUnique: () => ({ uniqueItems: true }),
};

/**
 * The fields of a message class, as its decorators limit them: what `parseMessage` enforces. Throws Error for a rule that
 * has no counterpart above, so that the documents never say less than the code does.
 */
export function limitsOf(type: new () => object): Map<string, FieldLimits> {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(type, '', false, false);
  const fields = new Map<string, FieldLimits>();
  for (const metadata of rules.toReversed()) {
    const { propertyName, constraints, message, each } = metadata;
    const field = fields.get(propertyName) ?? { optional: false, schema: {} };
    fields.set(propertyName, field);
    if (metadata.type === 'conditionalValidation') {
      field.optional = true;
      continue;
    }
    if (metadata.type === 'nestedValidation') {
      field.nested = true;
      continue;
    }
    const rule = metadata.name === undefined ? undefined : RULES[metadata.name];
    if (rule === undefined)
      throw new Error(`${type.name}.${propertyName}: say in limits.ts what ${metadata.name ?? metadata.type} means`);
    const schema = rule((constraints as unknown[] | undefined) ?? []);
    if (each) field.schema.items = { ...field.schema.items, ...schema };
    else Object.assign(field.schema, schema);
    if (typeof message === 'string') field.rule ??= message;
  }
  return fields;
}
