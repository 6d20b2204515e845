import { Failure, isFailureCode } from '@countersign/contracts/portable';
import { randomId } from '@countersign/runtime/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import { isDeviceVerb } from './device-questions.js';
import type { Carrier, DeviceQuestions, DeviceVerb } from './device-questions.js';

/**
 * Messages as text: one line of JSON each, short enough for a QR code (2,953 bytes at most). A person may carry them, or a
 * web server that posts them. Nothing of them is secret but an activation's token, on its way to the platform.
 */
const VERSION = 1;
const MAX_CHARACTERS = 2953;
const TAG_LENGTH = 8;
const REPLICA = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** What is wrong with a text that was brought. */
export class CarriedTextError extends Error {
  override readonly name = 'CarriedTextError';
}

/** A carrier over anything that takes a text and brings one back. */
export function byText(exchange: (text: string) => Promise<string>, random: RandomBytes): Carrier {
  return {
    async ask<Verb extends DeviceVerb>(verb: Verb, body: DeviceQuestions[Verb]['request'], at?: string) {
      const tag = randomId(random, TAG_LENGTH); // an answer to another question is not taken for this one's
      const text = JSON.stringify({ countersign: VERSION, ask: verb, tag, ...(at !== undefined && { at }), body });
      const answer = readText(await exchange(text));
      if (answer['tag'] !== tag) throw new CarriedTextError('this text answers another question');
      const failure = answer['failure'];
      if (isObject(failure)) throw failureOf(failure);
      if (!isObject(answer['body'])) throw new CarriedTextError('this text is no answer');
      return answer['body'] as unknown as DeviceQuestions[Verb]['reply'];
    },
  };
}

/**
 * The other end, at a desk or a gateway: asks over `carrier` what a device's text asks, and gives the text that answers.
 * What the platform refuses is an answer, too. Throws CarriedTextError for a text that is no device's question.
 */
export async function answerText(text: string, carrier: Carrier): Promise<string> {
  const { ask, tag, at, body } = readText(text);
  const known = isDeviceVerb(ask) && typeof tag === 'string' && tag.length === TAG_LENGTH && isObject(body);
  if (!known || !(at === undefined || (typeof at === 'string' && REPLICA.test(at))))
    throw new CarriedTextError('this text is no question that a device asks');
  const answered = (rest: object): string => JSON.stringify({ countersign: VERSION, tag, ...rest });
  try {
    return answered({ body: await carrier.ask(ask, body as never, at) });
  } catch (error) {
    if (error instanceof Failure) return answered({ failure: error.body() });
    throw error;
  }
}

function readText(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = text.length <= MAX_CHARACTERS ? JSON.parse(text) : undefined;
  } catch {
    value = undefined; // without the cause, which shows the text
  }
  if (!isObject(value) || value['countersign'] !== VERSION)
    throw new CarriedTextError('one line of JSON was expected, beginning {"countersign":1');
  return value;
}

function failureOf({ code, message, retryAfterMs }: Record<string, unknown>): Error {
  if (!isFailureCode(code)) return new CarriedTextError('this text tells of a failure that this version does not know');
  const detail = typeof message === 'string' ? message : undefined;
  return new Failure(code, detail, typeof retryAfterMs === 'number' ? { retryAfterMs } : {});
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
