import { describe, expect, test } from '@jest/globals';
import { breaks, documents, type Documents, type Schema } from './index.js';

const made = documents();

/** A schema of the document, to be changed. */
const schema = (changed: Documents, name: string): Required<Schema> =>
  changed['asyncapi.json'].components.schemas[name] as Required<Schema>;
const field = (changed: Documents, name: string, property: string): Required<Schema> =>
  schema(changed, name).properties[property] as Required<Schema>;
const event = (changed: Documents, name: string): Required<Schema> =>
  changed['events.schema.json'].$defs[name] as Required<Schema>;
const failure = (changed: Documents, code: string): Record<string, unknown> =>
  changed['asyncapi.json'].components.messages[`failure.${code}`] as unknown as Record<string, unknown>;

interface Planted {
  name: string;
  change: (changed: Documents) => void;
  /** one of the lines that say so */
  said: string;
}

const breaking: Planted[] = [
  {
    name: 'a verb is gone',
    change: (now) => delete now['asyncapi.json'].operations['device.list'],
    said: 'device.list: is gone',
  },
  {
    name: 'a subject is another',
    change: (now) => Object.assign(now['asyncapi.json'].channels['verify'] as object, { address: 'elsewhere' }),
    said: 'verify: the subject countersign.v1.{caller}.verify is elsewhere now',
  },
  {
    name: 'a role may no longer ask',
    change: (now) => now['asyncapi.json'].operations['device.confirm']?.['x-roles'].shift(),
    said: 'device.confirm: enroller may not ask it now',
  },
  {
    name: "a request's field is gone",
    change: (now) => delete schema(now, 'VerifyRequest').properties['origin'],
    said: 'verify request.origin: is gone',
  },
  {
    name: "a request's field became required",
    change: (now) => schema(now, 'VerifyRequest').required.push('requestId'),
    said: 'verify request.requestId: is required now',
  },
  {
    name: 'a request has a new field that is required',
    change: (now) => {
      schema(now, 'UnlockRequest').properties['why'] = { type: 'string' };
      schema(now, 'UnlockRequest').required.push('why');
    },
    said: 'account.unlock request.why: is required now',
  },
  {
    name: "a request's text must be shorter",
    change: (now) => (field(now, 'VerifyRequest', 'account').maxLength = 255),
    said: 'verify request.account: maxLength 256 does not fit 255',
  },
  {
    name: "a request's number must be larger",
    change: (now) => (field(now, 'EventsRequest', 'limit').minimum = 2),
    said: 'audit.events request.limit: minimum 1 does not fit 2',
  },
  {
    name: "a request's number must be smaller",
    change: (now) => (field(now, 'EventsRequest', 'waitMs').maximum = 1000),
    said: 'audit.events request.waitMs: maximum 20000 does not fit 1000',
  },
  {
    name: "a request's list must be shorter",
    change: (now) => (field(now, 'CreateAccountRequest', 'names').maxItems = 2),
    said: 'account.create request.names: maxItems 8 does not fit 2',
  },
  {
    name: "a request's list has other items",
    change: (now) => (field(now, 'CreateAccountRequest', 'names').items.maxLength = 8),
    said: 'account.create request.names[]: maxLength 256 does not fit 8',
  },
  {
    name: "a request's pattern is another",
    change: (now) => (field(now, 'VerifyRequest', 'code').pattern = '^[0-9]{6}$'),
    said: 'verify request.code: pattern "^[0-9]{6,10}$" does not fit "^[0-9]{6}$"',
  },
  {
    name: "a request's choice is gone",
    change: (now) => field(now, 'ExchangeRequest', 'algorithm').enum.shift(),
    said: 'enroll.exchange request.algorithm: "SHA1" is none of ["SHA256","SHA512"]',
  },
  {
    name: "a request's type is another",
    change: (now) => (field(now, 'EventsRequest', 'after').type = 'string'),
    said: 'audit.events request.after: type "integer" does not fit "string"',
  },
  {
    name: 'requests must be smaller',
    change: (now) =>
      Object.assign(now['asyncapi.json'].components.messages['verify.request'] as object, { 'x-max-bytes': 1024 }),
    said: 'verify request: at most 1024 bytes, was 65536',
  },
  {
    name: 'a number means another unit',
    change: (now) => (field(now, 'Verdict', 'retryAfterMs')['x-unit'] = 's'),
    said: 'verify reply.retryAfterMs: unit "s", was "ms"',
  },
  {
    name: "a reply's field is gone",
    change: (now) => delete schema(now, 'Verdict').properties['attemptsLeft'],
    said: 'verify reply.attemptsLeft: is gone',
  },
  {
    name: "a reply's field can be missing",
    change: (now) => schema(now, 'Verdict').required.shift(),
    said: 'verify reply.verdict: can be missing now',
  },
  {
    name: "a reply's value is new",
    change: (now) => field(now, 'Verdict', 'reason').enum.push('tired'),
    said: 'verify reply.reason: "tired" is none of ["wrong_code","replayed","locked","disabled","frozen"]',
  },
  {
    name: "a reply's value may be anything",
    change: (now) => delete (field(now, 'Verdict', 'reason') as Schema).enum,
    said: 'verify reply.reason: any value does not fit ["wrong_code","replayed","locked","disabled","frozen"]',
  },
  {
    name: "a reply's number may be below what it was",
    change: (now) => delete (field(now, 'Verdict', 'sequence') as Schema).minimum,
    said: 'verify reply.sequence: minimum none does not fit 0',
  },
  {
    name: "a reply's number may have a fraction",
    change: (now) => (field(now, 'Verdict', 'at').type = 'number'),
    said: 'verify reply.at: type "number" does not fit "integer"',
  },
  {
    name: "a reply's nested field is gone",
    change: (now) => delete schema(now, 'Profile').properties['digits'],
    said: 'enroll.exchange reply.profile.digits: is gone',
  },
  {
    name: 'a union of a reply has a new member',
    change: (now) => {
      const budgets = field(now, 'AccountReply', 'budgets').properties['known']?.properties as Record<string, Schema>;
      budgets['closedUntil']?.anyOf?.push({ type: 'boolean' });
    },
    said: 'account.get reply.budgets.known.closedUntil: "boolean" is new to readers',
  },
  {
    name: 'a failure is gone',
    change: (now) => {
      const { reply } = now['asyncapi.json'].operations['verify'] as { reply: { messages: { $ref: string }[] } };
      reply.messages = reply.messages.filter(({ $ref }) => !$ref.endsWith('BUSY'));
    },
    said: 'verify reply failure.BUSY: is gone',
  },
  {
    name: "a failure's status is another",
    change: (now) => (failure(now, 'BUSY')['x-status'] = 503),
    said: 'verify reply failure.BUSY: status 503, was 429',
  },
  {
    name: "a failure's retry is another",
    change: (now) => (failure(now, 'BUSY')['x-retry'] = false),
    said: 'verify reply failure.BUSY: retry false, was true',
  },
  {
    name: "a failure's code is another",
    change: (now) => {
      const { payload } = failure(now, 'BUSY') as { payload: { properties: { code: Schema } } };
      payload.properties.code.const = 'HECTIC';
    },
    said: 'verify reply failure.BUSY.code: "HECTIC" is none of ["BUSY"]',
  },
  {
    name: "a failure's header is gone",
    change: (now) => {
      const { headers } = failure(now, 'BUSY') as { headers: { properties: Record<string, Schema> } };
      delete headers.properties['Nats-Service-Error-Code'];
    },
    said: 'verify reply failure.BUSY header.Nats-Service-Error-Code: is gone',
  },
  {
    name: 'a type of event is gone',
    change: (now) => now['events.schema.json'].oneOf?.shift(),
    said: 'event: "created" is gone',
  },
  {
    name: "an event's field is gone",
    change: (now) => delete event(now, 'Accepted').properties['counter'],
    said: 'event("accepted").counter: is gone',
  },
  {
    name: "an event's field can be missing",
    change: (now) => (event(now, 'Enrolled').required = []),
    said: 'event("enrolled").device: can be missing now',
  },
];

const additive: Omit<Planted, 'said'>[] = [
  {
    name: 'a new verb',
    change: (now) =>
      (now['asyncapi.json'].operations['new'] = structuredClone(now['asyncapi.json'].operations['verify'] as never)),
  },
  {
    name: 'a new role for a verb',
    change: (now) => now['asyncapi.json'].operations['verify']?.['x-roles'].push('operator'),
  },
  {
    name: 'a new field of a request that may be left out',
    change: (now) => (schema(now, 'VerifyRequest').properties['place'] = { type: 'string' }),
  },
  {
    name: 'a required field of a request that may be left out now',
    change: (now) => schema(now, 'DeviceRequest').required.pop(),
  },
  { name: 'a wider request', change: (now) => (field(now, 'VerifyRequest', 'account').maxLength = 512) },
  { name: 'a new choice of a request', change: (now) => field(now, 'ExchangeRequest', 'algorithm').enum.push('SHA3') },
  {
    name: 'a new field of a reply',
    change: (now) => {
      schema(now, 'Verdict').properties['mood'] = { type: 'string' };
      schema(now, 'Verdict').required.push('mood');
    },
  },
  { name: "a reply's field that is always there now", change: (now) => schema(now, 'Verdict').required.push('reason') },
  { name: 'a value less of a reply', change: (now) => field(now, 'Verdict', 'reason').enum.pop() },
  { name: 'other words', change: (now) => (field(now, 'Verdict', 'reason').description = 'why') },
  {
    name: 'a new type of event',
    change: (now) => {
      now['events.schema.json'].$defs['New'] = { type: 'object', properties: { type: { const: 'new' } } };
      now['events.schema.json'].oneOf?.push({ $ref: '#/$defs/New' });
    },
  },
];

describe('a change that breaks a caller or reader is found', () => {
  test.each(breaking)('$name', ({ change, said }) => {
    const now = structuredClone(made);
    change(now);
    expect(breaks(made, now)).toContain(said);
  });
});

describe('what is added breaks nobody', () => {
  test.each(additive)('$name', ({ change }) => {
    const now = structuredClone(made);
    change(now);
    expect(now).not.toEqual(made);
    expect(breaks(made, now)).toEqual([]);
  });
});

test('nothing changed, nothing is broken', () => {
  expect(breaks(made, structuredClone(made))).toEqual([]);
});
