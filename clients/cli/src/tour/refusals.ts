import { connectBus, type Bus } from '@countersign/bus';
import {
  Failure,
  callerSubject,
  keysSubject,
  ledgerSubject,
  type Caller,
  type Tenant,
  type Verb,
} from '@countersign/contracts';
import type { CallerCredentials } from '@countersign/local';
import { Secret, sleep } from '@countersign/runtime';
import { readFileSync } from 'node:fs';
import { SILENT } from '../as-caller.js';
import { Unexpected, type Seen } from './step.js';

const ANSWER_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 10;

/** A connection with a caller's own credentials and nothing of our libraries' good manners around it. */
export async function rawConnection({ caller, nkeySeedFile, ...where }: CallerCredentials): Promise<Bus> {
  return connectBus({ ...where, identity: caller, nkeySeed: new Secret(readFileSync(nkeySeedFile)), log: SILENT });
}

/** Publishes where this identity has no right to, and expects NATS itself to refuse. */
export async function publishRefused(bus: Bus, subject: string, meaning: string): Promise<Seen> {
  try {
    await bus.request(subject, {}, { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (error instanceof Failure && error.code === 'FORBIDDEN')
      return { word: 'refused', text: `${meaning}: no right to publish ${subject}` };
    throw new Unexpected(
      `NATS should have refused ${subject}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new Unexpected(`NATS let ${subject} through`);
}

/** Subscribes where this identity has no right to, and expects NATS itself to refuse. */
export async function subscribeRefused(bus: Bus, subject: string, meaning: string): Promise<Seen> {
  let refusal: Error | undefined;
  const subscription = bus.connection.subscribe(subject, {
    callback: (error) => {
      refusal ??= error ?? undefined;
    },
  });
  try {
    await bus.connection.flush(); // the answer to this ping comes after the refusal
    for (let waitedMs = 0; !refusal && waitedMs < ANSWER_WITHIN_MS; waitedMs += LOOK_EVERY_MS)
      await sleep(LOOK_EVERY_MS);
  } finally {
    if (!subscription.isClosed()) subscription.unsubscribe();
  }
  if (!refusal) throw new Unexpected(`NATS let a subscription to ${subject} through`);
  return { word: 'refused', text: `${meaning}: no right to subscribe ${subject}` };
}

export interface Attempt {
  by: 'publish' | 'subscribe';
  subject: string;
  meaning: string;
}

/** What a captured backend would try first. `other` is a tenant that is not its own. */
export function attempts(own: Tenant, other: Tenant): Attempt[] {
  const as = (caller: string, verb: Verb): string => callerSubject(caller as Caller, verb);
  return [
    { by: 'publish', subject: `countersign.v1.${other}.app.verify`, meaning: `asking inside ${other}` },
    { by: 'publish', subject: as('ops', 'account.unlock'), meaning: 'asking as another caller' },
    { by: 'publish', subject: as('app', 'device.revoke'), meaning: "a verb that a verifier's role does not have" },
    { by: 'publish', subject: keysSubject('match'), meaning: 'asking the key service directly' },
    { by: 'publish', subject: ledgerSubject(own, 'x'), meaning: 'writing to the ledger' },
    { by: 'publish', subject: '$JS.API.STREAM.MSG.GET.ledger', meaning: 'reading the ledger' },
    { by: 'subscribe', subject: '_INBOX_desk.>', meaning: "reading another caller's answers" },
    { by: 'subscribe', subject: as('desk', 'account.create'), meaning: "hearing another caller's questions" },
  ];
}
