import { readFileSync } from 'node:fs';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { deviceKey } from '../floor/keys.js';
import { Person } from './people.js';

/** Who is asked: the product, or the floor. */
export interface Target {
  servers: string;
  subject: string;
  /** of the asking caller; absent: a server without accounts */
  credentials?: { seedFile: string; inboxPrefix: string };
}

export const KINDS = ['accepted', 'wrong', 'replay', 'unknown'] as const;
/** What is asked: `replay`: codes that were accepted before. */
export type Kind = (typeof KINDS)[number];

export interface Job {
  target: Target;
  kind: Kind;
  people: number;
  inFlight: number;
  forMs: number;
}

export interface Measured {
  asked: number;
  /** answers that are not the ones that the kind should get, by what they said */
  wrong: Record<string, number>;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const WITHIN_MS = 10_000;
const EXPECTED = { accepted: 'accepted', wrong: 'rejected', replay: 'rejected', unknown: 'rejected' } as const;

/** A device's key, by its number: the floor derives it in its HSM, the product had it imported. 32 bytes */
export const keyOf = (person: number): Buffer => deviceKey(nameOf(person));
export const nameOf = (person: number): string => `p${person}`;

const connections = new Map<string, Promise<NatsConnection>>();
/** By target and number: each has seen the codes that were shown. */
const everybody = new Map<string, Person[]>();

function connected({ servers, credentials }: Target): Promise<NatsConnection> {
  const known = connections.get(servers);
  if (known) return known;
  const options = credentials && {
    authenticator: nkeyAuthenticator(Buffer.from(readFileSync(credentials.seedFile, 'utf8').trim())),
    inboxPrefix: credentials.inboxPrefix,
  };
  const connecting = connect({ servers, ...options });
  connections.set(servers, connecting);
  return connecting;
}

function peopleOf({ target, people }: Job): Person[] {
  const known = everybody.get(target.servers) ?? [];
  for (let at = known.length; at < people; at += 1) known.push(new Person(nameOf(at), keyOf(at)));
  everybody.set(target.servers, known);
  return known;
}

const nowMs = (): number => Date.now();

/** A question of this kind by this person, or undefined when it has to wait for the clock; the floor looks at none. */
function questionOf(kind: Kind, person: Person, isFloor: boolean): object | undefined {
  const account = kind === 'unknown' ? `nobody-${person.name}` : person.name;
  if (kind === 'replay') return { account, code: person.last(), counter: 0 };
  if (kind !== 'accepted') return { account, code: person.wrong(nowMs()), counter: 0 };
  const shown = person.next(isFloor ? Infinity : nowMs());
  return shown && { account, code: shown.code, counter: shown.step };
}

/** A closed loop: so many ask at once, each again when it has its answer. */
async function measure(job: Job): Promise<Measured> {
  const { target, kind, inFlight, forMs } = job;
  const connection = await connected(target);
  const people = peopleOf(job);
  const isFloor = target.credentials === undefined;
  const latenciesMs: number[] = [];
  const wrong: Record<string, number> = {};
  const beganAt = performance.now();
  let next = 0;
  const ask = async (): Promise<void> => {
    for (let skipped = 0; performance.now() - beganAt < forMs && skipped < people.length;) {
      const question = questionOf(kind, people[next++ % people.length] as Person, isFloor);
      if (question === undefined) {
        skipped += 1;
        continue;
      }
      skipped = 0;
      const { counter: _, ...message } = question as { counter: number };
      const askedAt = performance.now();
      const reply = await connection.request(target.subject, JSON.stringify(isFloor ? question : message), {
        timeout: WITHIN_MS,
      });
      latenciesMs.push(performance.now() - askedAt);
      const answer = reply.json<{ verdict?: string; reason?: string; code?: string }>();
      if (answer.verdict === EXPECTED[kind]) continue;
      const said = [answer.verdict, answer.reason, answer.code].filter(Boolean).join(' ');
      wrong[said] = (wrong[said] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, ask));
  const seconds = (performance.now() - beganAt) / 1000;
  if (latenciesMs.length === 0) throw new Error('all codes of now were shown already: take more --people');
  latenciesMs.sort((a, b) => a - b);
  const at = (part: number): number => latenciesMs[Math.floor(latenciesMs.length * part)] ?? NaN;
  return {
    asked: latenciesMs.length,
    wrong,
    perSecond: latenciesMs.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

if (process.send) {
  process.on('message', (job: Job) => {
    measure(job).then(
      (measured) => process.send?.(measured),
      (reason: unknown) => {
        throw reason;
      },
    );
  });
  process.on('disconnect', () => process.exit());
}
