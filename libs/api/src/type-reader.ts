import ts from 'typescript';
import type { FieldLimits } from './limits.js';
import type { Schema, Schemas } from './schema.js';

/** The limits of a message class's fields, by the name of the class. */
export type LimitsOf = (className: string) => Map<string, FieldLimits>;

/** Tags of a doc comment that say what the type cannot. */
const TAGS: Record<string, (text: string) => Schema> = {
  integer: () => ({ type: 'integer' }),
  minimum: (text) => ({ minimum: Number(text) }),
  pattern: (text) => ({ pattern: text }),
  unit: (text) => ({ 'x-unit': text }),
  open: () => ({ 'x-open': true }),
};

/**
 * Schemas of exported types, read by the TypeScript compiler, so that nothing is written twice. Doc comments become
 * descriptions; the tags above come from the comment of a property or of the alias that it is declared with. Named
 * object types become `definitions`, referred to by their bare names. Throws Error for a type it has no schema for.
 */
export class TypeReader {
  readonly definitions: Schemas = {};
  private readonly checker: ts.TypeChecker;
  private readonly exported: Map<string, ts.Symbol>;

  /** `entry`: path of the module that exports the types; `options` must be strict, or what is optional cannot be told. */
  constructor(
    entry: string,
    options: ts.CompilerOptions,
    private readonly limitsOf: LimitsOf,
  ) {
    const program = ts.createProgram([entry], options);
    this.checker = program.getTypeChecker();
    const source = program.getSourceFile(entry);
    const module = source && this.checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry} is no module`);
    this.exported = new Map(this.checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  }

  /** The schema of an exported type. */
  read(name: string): Schema {
    const symbol = this.exported.get(name);
    if (symbol === undefined) throw new Error(`there is no type ${name}`);
    return { ...this.said(symbol), ...this.schema(this.checker.getDeclaredTypeOfSymbol(symbol)) };
  }

  /** The types of an exported interface's properties by name, and what is said of each. */
  entries(name: string): { name: string; description: string; types: Record<string, string> }[] {
    const symbol = this.exported.get(name);
    if (symbol === undefined) throw new Error(`there is no type ${name}`);
    return this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol)).map((entry) => ({
      name: entry.name,
      description: this.said(entry).description ?? '',
      types: Object.fromEntries(
        this.checker
          .getPropertiesOfType(this.checker.getTypeOfSymbol(entry))
          .map((part) => [part.name, this.checker.typeToString(this.checker.getTypeOfSymbol(part))]),
      ),
    }));
  }

  /** `node`: how the type was written, since the compiler forgets by which alias a number or text was declared. */
  private schema(type: ts.Type, node?: ts.TypeNode): Schema {
    if (type.isUnion() || type.flags & ts.TypeFlags.Boolean) return this.union(type, node);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(type) === 'true' };
    if (type.flags & ts.TypeFlags.String) return { type: 'string', ...this.alias(node) };
    if (type.flags & ts.TypeFlags.Number) return { type: 'number', ...this.alias(node) };
    if (this.checker.isTupleType(type)) return this.tuple(type as ts.TypeReference, node);
    if (this.checker.isArrayType(type)) return { type: 'array', items: this.element(type as ts.TypeReference, node) };
    if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.object(type);
    throw new Error(`no schema for ${this.checker.typeToString(type)}`);
  }

  private union(type: ts.Type, node?: ts.TypeNode): Schema {
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    const all = (type as ts.UnionType).types.filter((each) => !(each.flags & ts.TypeFlags.Undefined));
    const [first] = all;
    if (first !== undefined && all.length === 1) return this.schema(first, node);
    if (all.every((each) => each.flags & ts.TypeFlags.BooleanLiteral)) return { type: 'boolean' };
    if (all.every((each) => each.isStringLiteral())) return { type: 'string', enum: all.map(({ value }) => value) };
    if (
      all.every((each) => this.checker.getPropertyOfType(each, 'type') ?? this.checker.getPropertyOfType(each, 'kind'))
    )
      return { oneOf: all.map((each) => this.object(each)) };
    const written = node !== undefined && ts.isUnionTypeNode(node) ? node.types : [];
    return {
      anyOf: all.map((each) =>
        this.schema(
          each,
          written.find((part) => this.isOf(part, each)),
        ),
      ),
    };
  }

  private isOf(node: ts.TypeNode, type: ts.Type): boolean {
    return this.checker.getTypeFromTypeNode(node) === type;
  }

  private element(type: ts.TypeReference, node?: ts.TypeNode): Schema {
    const [item] = this.checker.getTypeArguments(type);
    return this.schema(item as ts.Type, node && ts.isArrayTypeNode(node) ? node.elementType : undefined);
  }

  /** Of equal parts only: then it means the same in every dialect of JSON Schema. */
  private tuple(type: ts.TypeReference, node?: ts.TypeNode): Schema {
    const parts = this.checker.getTypeArguments(type);
    const written = node && ts.isTupleTypeNode(node) ? node.elements[0] : undefined;
    if (parts.some((part) => part !== parts[0])) throw new Error('no schema for a tuple of different parts');
    return {
      type: 'array',
      items: this.schema(parts[0] as ts.Type, written),
      minItems: parts.length,
      maxItems: parts.length,
    };
  }

  private object(type: ts.Type): Schema {
    const named = this.nameOf(type);
    if (named === undefined) return this.fields(type);
    const fields = named.flags & ts.SymbolFlags.Class ? this.limited(type, named.name) : this.fields(type);
    this.definitions[named.name] ??= { ...this.said(named), ...fields };
    return { $ref: named.name };
  }

  /** A member of a union of intersections is known by the interface that declares its `type`. */
  private nameOf(type: ts.Type): ts.Symbol | undefined {
    const symbol = type.isIntersection()
      ? type.types.find((part) => this.checker.getPropertyOfType(part, 'type'))?.symbol
      : type.symbol;
    return symbol !== undefined && this.exported.has(symbol.name) ? symbol : undefined;
  }

  private fields(type: ts.Type): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of this.checker.getPropertiesOfType(type)) {
      properties[property.name] = this.property(property);
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name);
    }
    return { type: 'object', properties, ...(required.length > 0 && { required }) };
  }

  /** A message class: limits from its decorators, descriptions from its comments. Other fields are refused. */
  private limited(type: ts.Type, name: string): Schema {
    const limits = [...this.limitsOf(name)];
    const properties = limits.map(([field, { schema, nested, rule }]) => {
      const property = this.checker.getPropertyOfType(type, field);
      if (property === undefined) throw new Error(`${name} has no field ${field}`);
      const { 'x-unit': unit } = this.alias(writtenType(property));
      const description = [this.said(property).description, rule].filter((text) => text !== undefined).join('; ');
      const inside = nested && this.schema(this.checker.getTypeOfSymbol(property), writtenType(property));
      return [field, { ...inside, ...schema, ...(unit !== undefined && { 'x-unit': unit }), description }];
    });
    const required = limits.filter(([, { optional }]) => !optional).map(([field]) => field);
    return {
      type: 'object',
      properties: Object.fromEntries(properties) as Schemas,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  private property(property: ts.Symbol): Schema {
    const node = writtenType(property);
    const schema = this.schema(this.checker.getTypeOfSymbol(property), node);
    return schema.$ref === undefined ? { ...schema, ...this.said(property) } : schema; // nothing may stand beside $ref
  }

  private alias(node?: ts.TypeNode): Schema {
    if (node === undefined || !ts.isTypeReferenceNode(node)) return {};
    let symbol = this.checker.getSymbolAtLocation(node.typeName);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = this.checker.getAliasedSymbol(symbol);
    return symbol === undefined ? {} : this.said(symbol);
  }

  private said(symbol: ts.Symbol): Schema {
    const description = ts
      .displayPartsToString(symbol.getDocumentationComment(this.checker))
      .replace(/\s+/g, ' ')
      .trim();
    const schema: Schema = description === '' ? {} : { description };
    for (const { name, text } of symbol.getJsDocTags(this.checker)) {
      const tag = TAGS[name];
      if (tag === undefined) throw new Error(`${symbol.name}: the tag @${name} means nothing here`);
      Object.assign(schema, tag(ts.displayPartsToString(text)));
    }
    return schema;
  }
}

function writtenType({ valueDeclaration: declared }: ts.Symbol): ts.TypeNode | undefined {
  if (declared === undefined) return undefined;
  return ts.isPropertySignature(declared) || ts.isPropertyDeclaration(declared) ? declared.type : undefined;
}
