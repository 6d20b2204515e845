import { readFileSync } from 'node:fs';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { sleep } from '@countersign/runtime';
import { deviceKey } from '../floor/keys.js';
import { Person } from './people.js';

/** Who is asked: the product, or the floor. */
export interface Target {
  servers: string;
  subject: string;
  /** of the asking caller; absent: a server without accounts */
  credentials?: { seedFile: string; inboxPrefix: string };
}

export const KINDS = ['accepted', 'wrong', 'replay', 'unknown', 'locked'] as const;
/** What is asked: `replay`: codes that were accepted before; `locked`: of accounts that have to wait. */
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
const EXPECTED = {
  accepted: 'accepted',
  wrong: 'rejected',
  replay: 'rejected',
  unknown: 'rejected',
  locked: 'rejected',
} as const;

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

/** Accounts that are locked to ask about: more than are asked about at once. */
const LOCKED = 512;
const WRONG_UNTIL_LOCKED = 5;
const WAIT_MS = 200;

const nowMs = (): number => Date.now();

interface Question {
  account: string;
  code: string;
  counter: number;
}

interface Answer {
  verdict?: string;
  reason?: string;
  code?: string;
}

/** So many wrong codes that nobody looks at the next one. */
async function lock(people: Person[], answerTo: (question: Question) => Promise<Answer>): Promise<void> {
  for (let times = 0; times < WRONG_UNTIL_LOCKED; times += 1)
    await Promise.all(people.map((person) => answerTo(questionOf('wrong', person, false) as Question)));
}

/** Waits until the clock has a code that nobody has seen. */
async function codesToShow(people: Person[]): Promise<void> {
  while (!people.some((person) => person.hasNext(nowMs()))) await sleep(WAIT_MS);
}

/** A question of this kind by this person, or undefined when it has to wait for the clock; the floor looks at none. */
function questionOf(kind: Kind, person: Person, isFloor: boolean): Question | undefined {
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
  const isFloor = target.credentials === undefined;
  const people = kind === 'locked' ? peopleOf(job).slice(-LOCKED) : peopleOf(job);
  const answerTo = async ({ counter, ...message }: Question): Promise<Answer> => {
    const data = JSON.stringify(isFloor ? { counter, ...message } : message);
    return (await connection.request(target.subject, data, { timeout: WITHIN_MS })).json<Answer>();
  };
  if (kind === 'locked') await lock(people, answerTo);
  if (kind === 'accepted' && !isFloor) await codesToShow(people);
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
      const askedAt = performance.now();
      const answer = await answerTo(question);
      latenciesMs.push(performance.now() - askedAt);
      if (answer.verdict === EXPECTED[kind]) continue;
      const said = [answer.verdict, answer.reason, answer.code].filter(Boolean).join(' ');
      wrong[said] = (wrong[said] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, ask));
  const seconds = (performance.now() - beganAt) / 1000;
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
