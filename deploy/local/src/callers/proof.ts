import { readFileSync } from 'node:fs';
import { connectBus, type Bus } from '@countersign/bus';
import { Failure, callerSubject, isPerReplica, verbs, verbsOf, type Caller, type Verb } from '@countersign/contracts';
import { Log, Secret, reasonOf, sleep } from '@countersign/runtime';
import type { CallerCredentials } from '../credentials.js';

/** What was seen on the running platform before a change is said to be done. */
export interface Proof {
  /** verbs that a service answered this identity */
  answered: Verb[];
  /** a verb that NATS refused it; absent for a role that has them all */
  refused?: Verb;
}

const WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 50;
const SILENT = new Log('local', 'error', () => undefined);

/** No verb has such a field: a service answers INVALID_ARGUMENT before it does anything. */
const HARMLESS = { proof: true };

/** A connection with a caller's credentials. Throws FORBIDDEN when NATS does not know them, UNAVAILABLE. */
export function connectAsCaller(credentials: CallerCredentials, nkeySeed: Buffer): Promise<Bus> {
  const { servers, caller, caFile, certFile, keyFile } = credentials;
  return connectBus({
    servers,
    identity: caller,
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && keyFile !== undefined && { certFile, keyFile }),
    nkeySeed: new Secret(nkeySeed),
    firstConnectMs: WITHIN_MS,
    log: SILENT,
  });
}

/** Asks as the caller: every verb of its role reaches its service, another's is refused. Throws Failure UNAVAILABLE. */
export async function proveCaller(credentials: CallerCredentials): Promise<Proof> {
  const bus = await connectAsCaller(credentials, readFileSync(credentials.nkeySeedFile));
  const { role } = credentials;
  const caller = credentials.caller as Caller;
  try {
    const may = verbsOf(role);
    const answered = may.filter((verb) => !isPerReplica(verb)); // of the others NATS has the replica's name, not we
    await Promise.all(answered.map((verb) => untilSeen(bus, caller, verb, 'INVALID_ARGUMENT')));
    const refused = verbs.find((verb) => !may.includes(verb));
    if (refused === undefined) return { answered };
    await untilSeen(bus, caller, refused, 'FORBIDDEN');
    return { answered, refused };
  } finally {
    await bus.close();
  }
}

/** Sees a credential end: its connection `living` drops, and NATS takes it no more. Throws Failure UNAVAILABLE. */
export async function proveEnded(credentials: CallerCredentials, nkeySeed: Buffer, living: Bus): Promise<void> {
  try {
    await until(() => !living.connected, 'the old connection of this caller lives on');
  } finally {
    await living.close();
  }
  const again = await connectAsCaller(credentials, nkeySeed).catch((error: unknown) => error);
  if (again instanceof Failure && again.code === 'FORBIDDEN') return;
  if (again instanceof Error) throw again;
  await (again as Bus).close();
  throw new Failure('UNAVAILABLE', 'NATS still takes the old credential; look at its log');
}

async function untilSeen(
  bus: Bus,
  caller: Caller,
  verb: Verb,
  wanted: 'INVALID_ARGUMENT' | 'FORBIDDEN',
): Promise<void> {
  let seen = 'nothing';
  for (const endMs = performance.now() + WITHIN_MS; performance.now() < endMs; await sleep(LOOK_EVERY_MS)) {
    try {
      await bus.request(callerSubject(caller, verb), HARMLESS, { timeoutMs: ANSWER_WITHIN_MS });
      seen = 'an answer';
    } catch (error) {
      if (error instanceof Failure && error.code === wanted) return;
      seen = reasonOf(error);
    }
  }
  throw new Failure('UNAVAILABLE', `written, and not proven yet: ${verb} as ${caller} saw ${seen}`);
}

async function until(holds: () => boolean, otherwise: string): Promise<void> {
  for (const endMs = performance.now() + WITHIN_MS; performance.now() < endMs; await sleep(LOOK_EVERY_MS))
    if (holds()) return;
  throw new Failure('UNAVAILABLE', otherwise);
}
