import { readFileSync } from 'node:fs';
import { connectBus, type Bus } from '@countersign/bus';
import {
  Failure,
  TENANT_PATTERN,
  callerSubject,
  isPerReplica,
  parseCaller,
  type Caller,
  type EventView,
  type EventsRequest,
} from '@countersign/contracts';
import { Log, Secret, SystemRandom, randomId, sleep, type Random } from '@countersign/runtime';
import { METHODS, type CallOptions, type Method, type MethodName, type Methods } from './methods.js';
import { withRetry } from './retry.js';

export interface CallerOptions {
  /** host:port of each NATS server; the client learns the others of their cluster */
  servers: string[];
  /** the name that these credentials have: its verbs and its inbox carry it */
  caller: string;
  /** path of the file with the nkey's seed (`SU…`) */
  nkeySeedFile?: string;
  /** the seed itself, instead of a file */
  nkeySeed?: Secret;
  /** path of the certificates to trust; TLS is used when this is given, and a server without it is refused */
  caFile?: string;
  /** paths of the certificate that this caller shows, and of its private key, where the server asks for one */
  certFile?: string;
  keyFile?: string;
  /** how long a call may take, retries included, ms; default 5,000 */
  timeoutMs?: number;
  /** default: warnings and errors to standard error, as JSON lines */
  log?: Log;
}

const TIMEOUT_MS = 5000;
const FOLLOW_WAIT_MS = 10_000;
const REPLICA_GONE = 'the replica that held this pairing is gone; open another one';
const REQUEST_ID_LENGTH = 20; // 100 bits: no two attempts share one

/** A backend's connection to Countersign. Every method throws Failure, whose `code` says what to do. */
export interface Countersign extends Methods {
  /** The tenant's events in order, from `after` on, and then each new one as it comes, until the loop is left. */
  follow(request?: Omit<EventsRequest, 'waitMs' | 'until'>): AsyncGenerator<EventView, void>;
  close(): Promise<void>;
}

/**
 * Connects, and from then on reconnects for ever. Throws UNAVAILABLE when there is no server, FORBIDDEN when it does not
 * know these credentials.
 */
export async function connectCaller(options: CallerOptions): Promise<Countersign> {
  const caller = parseCaller(options.caller);
  const log = options.log ?? new Log(caller, 'warn');
  const seed = options.nkeySeed ?? (options.nkeySeedFile === undefined ? undefined : seedIn(options.nkeySeedFile));
  const bus = await connectBus({
    servers: options.servers,
    identity: caller,
    log,
    ...(seed !== undefined && { nkeySeed: seed }),
    ...(options.caFile !== undefined && { caFile: options.caFile }),
    ...(options.certFile !== undefined && { certFile: options.certFile }),
    ...(options.keyFile !== undefined && { keyFile: options.keyFile }),
  });
  return callerOn(bus, caller, options.timeoutMs ?? TIMEOUT_MS);
}

/** The same over a connection that exists. `timeoutMs`: how long a call may take, retries included. */
export function callerOn(
  bus: Bus,
  caller: Caller,
  timeoutMs: number,
  random: Random = new SystemRandom(),
): Countersign {
  const parts = { random, nowMs: () => performance.now(), sleep };
  const ask =
    ({ verb, again }: Method<unknown, unknown>) =>
    async (request: object, options: CallOptions = {}): Promise<unknown> => {
      const { at, said } = isPerReplica(verb) ? placed(request) : { at: undefined, said: request };
      const body = again === 'verdict' ? { requestId: randomId(random, REQUEST_ID_LENGTH), ...defined(said) } : said;
      const subject = callerSubject(caller, verb, at);
      const send = (ms: number, waitMs = 0): Promise<unknown> =>
        bus.request(subject, body, { timeoutMs: ms + waitMs, ...(at !== undefined && { nobody: REPLICA_GONE }) });
      const withinMs = options.timeoutMs ?? timeoutMs;
      if (again === 'once') return send(withinMs);
      const waitMs = (request as EventsRequest).waitMs ?? 0; // the time that a long poll takes when all is well
      return withRetry(withinMs + waitMs, parts, (ms) => send(ms, waitMs));
    };
  const names = Object.keys(METHODS) as MethodName[];
  const methods = Object.fromEntries(names.map((name) => [name, ask(METHODS[name])])) as unknown as Methods;
  return { ...methods, follow: (request = {}) => follow(methods, request), close: () => bus.close() };
}

async function* follow(
  methods: Methods,
  request: Omit<EventsRequest, 'waitMs' | 'until'>,
): AsyncGenerator<EventView, void> {
  let after = request.after;
  for (;;) {
    const page = await methods.events({ ...request, ...(after !== undefined && { after }), waitMs: FOLLOW_WAIT_MS });
    yield* page.events;
    after = page.next;
  }
}

/** Throws INVALID_ARGUMENT for a name that is no replica's, before anything is sent. */
function placed(request: object): { at: string; said: object } {
  const { at, ...said } = request as { at?: unknown };
  if (typeof at === 'string' && TENANT_PATTERN.test(at)) return { at, said };
  const problem = "the replica's name, as the invitation says it";
  throw new Failure('INVALID_ARGUMENT', `at: ${problem}`, { fields: [{ field: 'at', problem }] });
}

/** Without the fields that are there but undefined, which would hide a default. */
function defined(request: object): object {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

/** The seed in a file, without the newline at its end. */
function seedIn(path: string): Secret {
  const bytes = readFileSync(path);
  const end = bytes.findLastIndex((byte) => byte > 32) + 1;
  const seed = new Secret(bytes.subarray(0, end));
  bytes.fill(0);
  return seed;
}
