import type { AsyncApi, Reference } from './async-api.js';
import type { Documents } from './documents.js';
import type { EventSchema } from './event-schema.js';
import type { Message } from './failures.js';
import { schemaBreaks, type Resolve, type Versions } from './subset.js';
import type { Schema } from './schema.js';

/**
 * What breaks a caller or reader that was written for the documents of `then`: a verb, field, role, failure or event that
 * is gone, a request that is refused now, an answer that was not possible then. What is added breaks nobody: fields that
 * may be left out, fields of answers, verbs, failures, types of events. One line each.
 */
export function breaks(then: Documents, now: Documents): string[] {
  const [before, after] = [then['asyncapi.json'], now['asyncapi.json']];
  return [
    ...Object.keys(before.operations).flatMap((verb) => verbBreaks(verb, before, after)),
    ...eventBreaks(then['events.schema.json'], now['events.schema.json']),
  ];
}

function verbBreaks(verb: string, then: AsyncApi, now: AsyncApi): string[] {
  const before = then.operations[verb];
  const after = now.operations[verb];
  if (before === undefined || after === undefined) return [`${verb}: is gone`];
  const lost = before['x-roles'].filter((role) => !after['x-roles'].includes(role));
  return [
    ...lost.map((role) => `${verb}: ${role} may not ask it now`),
    ...[before.channel, before.reply.channel].flatMap((channel, index) => {
      const address = found(then, channel, 'address');
      const other = found(now, [after.channel, after.reply.channel][index] as Reference, 'address');
      return address === other ? [] : [`${verb}: the subject ${String(address)} is ${String(other)} now`];
    }),
    ...messageBreaks(`${verb} request`, messagesOf(then, before.messages), messagesOf(now, after.messages), {
      direction: 'sent',
      ...resolvers(then, now),
    }),
    ...messageBreaks(`${verb} reply`, messagesOf(then, before.reply.messages), messagesOf(now, after.reply.messages), {
      direction: 'received',
      ...resolvers(then, now),
    }),
  ];
}

type Named = Map<string, Message>;

/** Messages by their own names, through the channel's reference to the component. */
function messagesOf(document: AsyncApi, references: Reference[]): Named {
  return new Map(
    references.map((reference) => {
      const component = found(document, reference) as Reference;
      return [component.$ref.split('/').at(-1) as string, found(document, component) as Message];
    }),
  );
}

function messageBreaks(path: string, then: Named, now: Named, versions: Versions): string[] {
  return [...then].flatMap(([name, before]) => {
    const after = now.get(name);
    const at = name.startsWith('failure.') ? `${path} ${name}` : path;
    if (after === undefined) return [`${at}: is gone`];
    const numbers = (['x-status', 'x-retry'] as const).filter((field) => before[field] !== after[field]);
    const smaller = versions.direction === 'sent' && Number(after['x-max-bytes']) < Number(before['x-max-bytes']);
    return [
      ...numbers.map((field) => `${at}: ${field.slice(2)} ${String(after[field])}, was ${String(before[field])}`),
      ...(smaller
        ? [`${at}: at most ${String(after['x-max-bytes'])} bytes, was ${String(before['x-max-bytes'])}`]
        : []),
      ...schemaBreaks(`${at} header`, before.headers ?? {}, after.headers ?? {}, versions),
      ...schemaBreaks(at, before.payload, after.payload, versions),
    ];
  });
}

const eventBreaks = (then: EventSchema, now: EventSchema): string[] =>
  schemaBreaks('event', then, now, { direction: 'received', ...resolvers(then, now) });

const resolvers = (then: object, now: object): Pick<Versions, 'resolveThen' | 'resolveNow'> => ({
  resolveThen: resolverIn(then),
  resolveNow: resolverIn(now),
});

const resolverIn =
  (document: object): Resolve =>
  (schema) =>
    schema.$ref === undefined ? schema : (found(document, { $ref: schema.$ref }) as Schema);

/** What a reference of a document leads to, and below that. Throws Error when there is nothing. */
function found(document: object, { $ref }: Reference, ...below: string[]): unknown {
  const path = [...$ref.replace(/^#\//, '').split('/'), ...below];
  const end = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
  if (end === undefined) throw new Error(`${[$ref, ...below].join('/')} leads to nothing`);
  return end;
}
