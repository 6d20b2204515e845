/** The part of JSON Schema that the documents use: means the same in 2020-12 and in AsyncAPI's own dialect (draft 7). */
export interface Schema {
  $ref?: string;
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  const?: unknown;
  enum?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  /** ms, seconds, ms since 1970... */
  'x-unit'?: string;
  /** more members may come: whoever reads passes over what it does not know */
  'x-open'?: boolean;
}

export type Schemas = Record<string, Schema>;

/** `schema` with every reference made by `to`; names stay. */
export function withReferences(schema: Schema, to: (name: string) => string): Schema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? to(value) : value,
  );
  return JSON.parse(text) as Schema;
}
