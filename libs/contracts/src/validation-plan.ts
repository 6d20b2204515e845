import type { ValidationArguments } from 'class-validator';
import { ValidationTypes, getMetadataStorage } from './class-validator.js';

export type Constructor<T extends object = object> = new () => T;

/** One rule of a field, and the text a sender reads when it does not hold. */
export interface Check {
  holds(value: unknown): boolean;
  problem: string;
}

export interface FieldRule {
  name: string;
  /** may be left out; `null` is not leaving out */
  optional: boolean;
  /** in the order they are read in the class: the cheap ones (is it a list? how long?) first */
  checks: Check[];
  nested?: () => Plan;
  list: boolean;
}

/** The rules of one message class. */
export interface Plan {
  type: Constructor;
  names: ReadonlySet<string>;
  fields: FieldRule[];
}

const plans = new Map<Constructor, Plan>();

/**
 * What class-validator's decorators declare about a class, read once: class-validator's own walk costs 12 us a message,
 * runs every rule over however much was sent, and lets names such as `__proto__` and `toString` through.
 */
export function planOf(type: Constructor): Plan {
  const known = plans.get(type);
  if (known) return known;
  const storage = getMetadataStorage();
  const byField = storage.groupByPropertyName(storage.getTargetValidationMetadatas(type, '', false, false));
  const fields = Object.entries(byField).map(([name, rules]) => fieldRule(type, name, rules));
  const plan: Plan = { type, names: new Set(fields.map(({ name }) => name)), fields };
  plans.set(type, plan);
  return plan;
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** Tells the plan of which class a nested object or list is: `ValidateNested({ context: nestedIn(() => Item) })`. */
export interface NestedContext {
  nestedType: () => Constructor;
  list: boolean;
}

function fieldRule(type: Constructor, name: string, rules: Metadata[]): FieldRule {
  const rule: FieldRule = { name, optional: false, checks: [], list: false };
  for (const metadata of rules.toReversed()) {
    // decorators register from the bottom up
    switch (metadata.type) {
      case ValidationTypes.CUSTOM_VALIDATION:
        rule.checks.push(...checksOf(metadata));
        break;
      case ValidationTypes.CONDITIONAL_VALIDATION:
        rule.optional = true;
        break;
      case ValidationTypes.NESTED_VALIDATION: {
        const context = metadata.context as NestedContext | undefined;
        if (context === undefined) throw new Error(`${type.name}.${name}: declare it with Nested or NestedList`);
        rule.nested = () => planOf(context.nestedType());
        rule.list = context.list;
        break;
      }
      default:
        throw new Error(`${type.name}.${name}: rules of kind ${metadata.type} are not understood`);
    }
  }
  return rule;
}

function checksOf(metadata: Metadata): Check[] {
  const { constraints, propertyName: property } = metadata;
  const args = { constraints, property, targetName: '', object: {}, value: undefined } satisfies ValidationArguments;
  return getMetadataStorage()
    .getTargetValidatorConstraints(metadata.constraintCls)
    .map(({ instance }) => {
      const { message } = metadata;
      const problem = typeof message === 'string' ? message : (instance.defaultMessage?.(args) ?? 'is wrong');
      const one = (value: unknown): boolean => instance.validate(value, args) === true;
      const holds = metadata.each ? (value: unknown) => Array.isArray(value) && value.every(one) : one;
      return { holds, problem };
    });
}
