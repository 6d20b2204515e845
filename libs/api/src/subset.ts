import type { Schema } from './schema.js';

/** Finds the schema that a reference names, in the document that it stands in. */
export type Resolve = (schema: Schema) => Schema;

/** Two versions of one message. `sent`: by callers, who must still be understood. `received`: by them, as they know it. */
export interface Versions {
  direction: 'sent' | 'received';
  resolveThen: Resolve;
  resolveNow: Resolve;
}

/** What in a schema of now breaks those who rely on the one of then, each as `path: what`. */
export function schemaBreaks(path: string, then: Schema, now: Schema, versions: Versions): string[] {
  const before = versions.resolveThen(then);
  const after = versions.resolveNow(now);
  // sent: what was right must be right now. received: what comes now must have been right then.
  const [inner, outer] = versions.direction === 'sent' ? [before, after] : [after, before];
  const here = [...limits(inner, outer), ...values(inner, outer), ...unit(before, after)];
  return [...here.map((what) => `${path}: ${what}`), ...parts(path, before, after, versions)];
}

const least = ['minimum', 'minLength', 'minItems'] as const;
const most = ['maximum', 'maxLength', 'maxItems'] as const;
const same = ['pattern', 'uniqueItems'] as const;

/** Every value that `inner` allows must be allowed by `outer`. */
function limits(inner: Schema, outer: Schema): string[] {
  const broken: string[] = [];
  const differ = (limit: keyof Schema): void => {
    broken.push(`${limit} ${shown(inner[limit])} does not fit ${shown(outer[limit])}`);
  };
  const fits = inner.type === outer.type || (inner.type === 'integer' && outer.type === 'number');
  if (outer.type !== undefined && !fits) differ('type');
  for (const limit of least) if ((inner[limit] ?? -Infinity) < (outer[limit] ?? -Infinity)) differ(limit);
  for (const limit of most) if ((inner[limit] ?? Infinity) > (outer[limit] ?? Infinity)) differ(limit);
  for (const limit of same) if (outer[limit] && inner[limit] !== outer[limit]) differ(limit);
  if (outer.additionalProperties === false && inner.additionalProperties !== false && inner.type === 'object')
    differ('additionalProperties');
  return broken;
}

/** As `limits`, of schemas that list their values. */
function values(inner: Schema, outer: Schema): string[] {
  const allowed = listed(outer);
  if (allowed === undefined) return [];
  const possible = listed(inner);
  if (possible === undefined) return [`any value does not fit ${shown(allowed)}`];
  return possible
    .filter((value) => !allowed.includes(value))
    .map((value) => `${shown(value)} is none of ${shown(allowed)}`);
}

const listed = ({ const: one, enum: all }: Schema): unknown[] | undefined => (one === undefined ? all : [one]);
const unit = (then: Schema, now: Schema): string[] =>
  then['x-unit'] === now['x-unit'] ? [] : [`unit ${shown(now['x-unit'])}, was ${shown(then['x-unit'])}`];
const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

function parts(path: string, then: Schema, now: Schema, versions: Versions): string[] {
  const items = then.items && now.items ? schemaBreaks(`${path}[]`, then.items, now.items, versions) : [];
  const lost = then.items && !now.items && versions.direction === 'received' ? [`${path}: items are anything now`] : [];
  return [...fields(path, then, now, versions), ...items, ...lost, ...choices(path, then, now, versions)];
}

function fields(path: string, then: Schema, now: Schema, versions: Versions): string[] {
  const broken: string[] = [];
  for (const [name, before] of Object.entries(then.properties ?? {})) {
    const after = now.properties?.[name];
    if (after === undefined) broken.push(`${path}.${name}: is gone`);
    else broken.push(...schemaBreaks(`${path}.${name}`, before, after, versions));
  }
  const [must, before] = versions.direction === 'sent' ? [now.required, then.required] : [then.required, now.required];
  const what = versions.direction === 'sent' ? 'is required now' : 'can be missing now';
  const newly = (must ?? []).filter((name) => !before?.includes(name));
  return [
    ...broken,
    ...newly.filter((name) => !broken.includes(`${path}.${name}: is gone`)).map((name) => `${path}.${name}: ${what}`),
  ];
}

/** Members of a union are told by their `type` or `kind` where they have one, and otherwise by fitting. */
function choices(path: string, then: Schema, now: Schema, versions: Versions): string[] {
  const before = members(then, versions.resolveThen);
  const after = members(now, versions.resolveNow);
  if (before.length === 0 && after.length === 0) return [];
  if (before.length === 0 || after.length === 0) return [`${path}: one of several is not one of a kind`];
  const broken: string[] = [];
  for (const [type, member] of before) {
    const pair = after.find(([name]) => name === type)?.[1];
    if (pair === undefined) broken.push(`${path}: ${type} is gone`);
    else broken.push(...schemaBreaks(`${path}(${type})`, member, pair, versions));
  }
  const added = after.filter(([type]) => !before.some(([name]) => name === type)).map(([type]) => type);
  const closed = versions.direction === 'received' && !then['x-open'];
  return [...broken, ...(closed ? added.map((type) => `${path}: ${type} is new to readers`) : [])];
}

const members = ({ oneOf, anyOf }: Schema, resolve: Resolve): [string, Schema][] =>
  [...(oneOf ?? []), ...(anyOf ?? [])].map((member) => {
    const schema = resolve(member);
    const { type, kind } = schema.properties ?? {};
    return [shown(type?.const ?? kind?.const ?? schema.const ?? schema.type), schema];
  });
