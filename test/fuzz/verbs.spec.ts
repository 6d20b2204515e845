import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { TIMEOUT_HEADER } from '@countersign/bus';
import { callerSubject, isFailureCode, parseCaller, verbs, VERBS, type Verb } from '@countersign/contracts';
import fc from 'fast-check';
import { forEach } from '../canaries/planted.js';
import type { Device } from '../world/device.js';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';
import { PUBLIC } from './good-messages.js';
import { hostileText, mutated, mutatedBytes, mutatedText } from './hostile.js';
import { inputs, seed } from './seed.js';

const EACH = 240;
const AT_ONCE = 24;
const KIBIBYTE = 1024;
const GROWTH_KIB = 64 * KIBIBYTE; // V8 takes memory as it comes and gives it back late; a leak of 20 KiB a message is seen
const CALLERS: Record<Asked, string> = { verifier: 'app', enroller: 'desk', operator: 'ops', auditor: 'audit' };

/** Roles that are asked in the name of: what a gateway may ask, enrollers may, too. */
type Asked = (typeof VERBS)[Verb]['roles'][0];

interface Sent {
  data: Uint8Array;
  timeoutMs: string | undefined;
}

describe(`every verb, sent what nobody should send (PROPERTY_SEED=${seed})`, () => {
  let world: World;
  let device: Device;
  /** a session of pairing while this suite began, and the replica that held it */
  let pairing: { id: string; session: string };
  let at: string;
  const clients = new Map<string, NatsConnection>();
  const answers = new Map<string, number>();

  beforeAll(async () => {
    world = await World.start();
    device = await world.owner();
    const desk = await world.caller('desk');
    const { id } = await desk.account({ account: device.account });
    const opened = await desk.pairOpen({ account: device.account, type: 'totp' });
    pairing = { id, session: opened.session };
    at = opened.at;
    for (const caller of Object.values(CALLERS)) {
      clients.set(caller, await rawClient(caller, world.platform.callerCredentials('acme', caller)));
    }
    for (const verb of verbs) await forEach(messages(verb, 40), AT_ONCE, (each) => ask(verb, each)); // warm
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.close();
    await world.stop();
  });

  /** Good messages of an account that exists and of one that does not, changed as values and as bytes. */
  function messages(verb: Verb, count: number): Sent[] {
    const { message } = PUBLIC[verb];
    const known: Record<string, unknown> = { ...message, ...('account' in message && { account: device.account }) };
    if ('account' in known) delete known['id']; // one of the two says whose device it is
    if ('session' in known) Object.assign(known, pairing);
    const texts = [message, known].map((each) => Buffer.from(JSON.stringify(each)));
    const data = fc.oneof(
      { weight: 3, arbitrary: mutated(message, known).map(({ value }) => Buffer.from(JSON.stringify(value) ?? '')) },
      { weight: 1, arbitrary: mutatedBytes(...texts) },
      { weight: 1, arbitrary: hostileText.map((text) => Buffer.from(text)) },
    );
    const timeoutMs = fc.option(mutatedText('5000', '0', '1', '9999999'), { nil: undefined, freq: 2 });
    const { numRuns } = inputs(count);
    return fc.sample(fc.record({ data, timeoutMs }), { seed, numRuns });
  }

  async function ask(verb: Verb, { data, timeoutMs }: Sent): Promise<void> {
    const caller = CALLERS[VERBS[verb].roles[0]];
    const lines = headers();
    if (timeoutMs !== undefined) lines.set(TIMEOUT_HEADER, timeoutMs.replace(/[^\x20-\x7e]/g, '').slice(0, 100));
    const client = clients.get(caller) as NatsConnection;
    const subject = callerSubject(parseCaller(caller), verb, at);
    const reply = await client.request(subject, data, { timeout: 15_000, headers: lines });
    const kind = kindOf(reply);
    if (kind === undefined)
      throw new Error(`${verb} answered ${reply.string()} to ${Buffer.from(data).toString('base64')}`);
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
  }

  test.each(verbs)('%s answers each with a verdict, a reply or a failure that is known', async (verb) => {
    await forEach(messages(verb, EACH), AT_ONCE, (each) => ask(verb, each));
  });

  test('no answer was a defect, and most named what is wrong', () => {
    expect([...answers.keys()]).toEqual(expect.arrayContaining(['INVALID_ARGUMENT', 'reply', 'NOT_FOUND']));
    expect([...answers.keys()]).not.toContain('INTERNAL');
    expect([...answers.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(verbs.length * EACH);
  });

  test('no service was started again, none met what it did not expect', async () => {
    const found = world.platform.processes.map(({ name, restarts, program }) => {
      const log = readFileSync(program.logFile, 'utf8');
      return { name, restarts, said: /.*(?:a handler failed|unhandled|uncaught).*/i.exec(log)?.[0] };
    });
    expect(found).toEqual(found.map(({ name }) => ({ name, restarts: 0, said: undefined })));
    expect((await world.platform.livingServices()).length).toBe(4);
  });

  test('no service grows with what it is sent', async () => {
    const before = residentKib(world);
    for (const verb of verbs) await forEach(messages(verb, EACH), AT_ONCE, (each) => ask(verb, each));
    const grown = [...residentKib(world)].map(([name, kib]) => ({ name, grown: kib - (before.get(name) ?? 0) }));
    expect(grown.filter((each) => each.grown > GROWTH_KIB)).toEqual([]);
  });

  test('and after all of it a right code signs in', async () => {
    const other = await world.owner();
    const app = await world.caller('app');
    expect(await app.verify({ account: other.account, code: other.code() })).toMatchObject({ verdict: 'accepted' });
  });
});

/** What an answer is: a failure's code, a rejection's reason, 'accepted' or 'reply'. Undefined: not well formed. */
function kindOf(reply: Msg): string | undefined {
  let body: Record<string, unknown>;
  try {
    body = reply.json();
  } catch {
    return undefined;
  }
  const status = reply.headers?.get('Nats-Service-Error-Code') ?? '';
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, message, verdict, reason } = body;
  if (status !== '') return isFailureCode(code) && typeof message === 'string' ? code : undefined;
  if (verdict !== undefined)
    return verdict === 'accepted' ? 'accepted' : typeof reason === 'string' ? reason : undefined;
  return code === undefined ? 'reply' : undefined;
}

/** Memory in use by each service, by the name of its process. Empty where there is no /proc. */
function residentKib(world: World): Map<string, number> {
  if (process.platform !== 'linux') return new Map();
  const services = world.platform.processes.filter(({ name }) => name.endsWith('-1'));
  return new Map(
    services.map(({ name, pid }) => [
      name,
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    ]),
  );
}
