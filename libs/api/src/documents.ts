import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import * as contracts from '@countersign/contracts';
import { asyncApi, type AsyncApi, type Question } from './async-api.js';
import { eventSchema, type EventSchema } from './event-schema.js';
import { limitsOf } from './limits.js';
import { TypeReader } from './type-reader.js';

const root = resolve(import.meta.dirname, '..', '..', '..');
const ENTRY = join(root, 'libs/contracts/src/index.ts');

/** Where the documents stand in the repository, and where those stand that nobody may be broken against. */
export const FOLDER = join(root, 'docs/api');
export const BASELINE = join(FOLDER, 'baseline');
export const NAMES = ['asyncapi.json', 'events.schema.json'] as const;
export interface Documents {
  'asyncapi.json': AsyncApi;
  'events.schema.json': EventSchema;
}

/** The documents as the contracts' sources make them now. Throws Error for a type that cannot be described. */
export function documents(): Documents {
  const reader = new TypeReader(ENTRY, compilerOptions(), (name) => limitsOf(messageClass(name)));
  const questions = reader.entries('Questions').map(({ name, description, types }): Question => {
    const { request = '', reply = '' } = types;
    reader.read(request);
    reader.read(reply);
    return { verb: verbOf(name), summary: description, request, reply };
  });
  reader.read('FailureBody');
  const event = reader.read('EventView');
  return {
    'asyncapi.json': asyncApi(questions, reader.definitions),
    'events.schema.json': eventSchema(event, reader.definitions),
  };
}

/** The documents that lie in a folder. */
export function documentsIn(folder: string): Documents {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as unknown as Documents;
}

/** The text of a document, as Prettier has every file of the repository. */
export async function textOf(document: object): Promise<string> {
  const config = await resolveConfig(join(FOLDER, 'x.json'));
  return format(JSON.stringify(document), { ...config, parser: 'json' });
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root).options;
}

function messageClass(name: string): new () => object {
  const found = (contracts as unknown as Record<string, unknown>)[name];
  if (typeof found !== 'function') throw new Error(`the contracts export no class ${name}`);
  return found as new () => object;
}

function verbOf(name: string): contracts.Verb {
  const verb = contracts.verbs.find((each) => each === name);
  if (verb === undefined) throw new Error(`Questions has ${name}, which is no verb`);
  return verb;
}
