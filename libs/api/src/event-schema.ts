import { withReferences, type Schema, type Schemas } from './schema.js';

export interface EventSchema extends Schema {
  $schema: string;
  $id: string;
  title: string;
  $defs: Schemas;
}

/** Every event as `audit.events` shows it, one by one, as JSON Schema 2020-12. `event`: the union of all of them. */
export function eventSchema(event: Schema, definitions: Schemas): EventSchema {
  const local = (schema: Schema): Schema => withReferences(schema, (name) => `#/$defs/${name}`);
  const names = (event.oneOf ?? []).map(({ $ref }) => $ref as string);
  const needed = reachable(names, definitions);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:countersign:v1:events',
    title: 'An event of the ledger, as audit.events shows it',
    ...local(event),
    $defs: Object.fromEntries(needed.map((name) => [name, local(definitions[name] as Schema)])),
  };
}

/** The names, and all that they refer to. */
function reachable(names: string[], definitions: Schemas): string[] {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    withReferences(definitions[name] as Schema, (to) => (visit(to), to));
  };
  names.forEach(visit);
  return [...seen];
}
