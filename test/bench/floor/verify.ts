import { connect } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { Redis } from 'ioredis';
import { Batcher } from './batcher.js';
import type { Question } from './hsm.js';

/**
 * The floor's verification: the product's steps with no framework, no validation, no budget. One Lua call for the state,
 * one batched match, one acknowledged append after the sequence the state was read at, one Lua call for the cache, reply.
 */
const [, , servers, redisPort] = process.argv;
const RECENT = 4;
const WITHIN_MS = 10_000;

interface State {
  v: 1;
  devices: { id: string; epoch: number; floor: number; status: 'active' }[];
  known: [number, number];
  unknown: [number, number];
  recent: { digest: string; accepted: boolean; sequence: number }[];
}

interface Scripts {
  admit(key: string): Promise<[string, number]>;
  settle(key: string, state: string, sequence: number): Promise<number>;
}

const connection = await connect({ servers });
const ledger = jetstream(connection, { timeout: WITHIN_MS });
const redis = new Redis({ port: Number(redisPort) });
redis.defineCommand('admit', {
  numberOfKeys: 1,
  lua: `local held = redis.call('HMGET', KEYS[1], 'state', 'sequence')
if not held[1] then return {'', 0} end
return {held[1], tonumber(held[2])}`,
});
redis.defineCommand('settle', {
  numberOfKeys: 1,
  lua: `if tonumber(redis.call('HGET', KEYS[1], 'sequence') or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'state', ARGV[1], 'sequence', ARGV[2])
end
return 1`,
});
const scripts = redis as unknown as Scripts;

const matches = new Batcher<Question, number>(async (questions) =>
  (await connection.request('floor.match', JSON.stringify(questions), { timeout: WITHIN_MS })).json<number[]>(),
);

const fresh = (device: string): State => ({
  v: 1,
  devices: [{ id: device, epoch: 1, floor: 0, status: 'active' }],
  known: [0, 0],
  unknown: [0, 0],
  recent: [],
});

/** One at a time per account, first come first served. */
const turns = new Map<string, Promise<unknown>>();
function inTurn<T>(account: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(account) ?? Promise.resolve()).then(work, work);
  turns.set(account, mine);
  const last = (): void => void (turns.get(account) === mine && turns.delete(account));
  mine.then(last, last);
  return mine;
}

interface Verify {
  account: string;
  code: string;
  /** the lowest counter to look at: what the clock says in the product */
  counter: number;
}

async function verify({ account, code, counter }: Verify): Promise<object> {
  const [text, sequence] = await scripts.admit(account);
  const state = text === '' ? fresh(account) : (JSON.parse(text) as State);
  const device = state.devices[0] as State['devices'][number];
  const from = Math.max(device.floor, counter);
  const match = await matches.ask({ device: account, counter: from, code: Number(code) });
  const accepted = match >= 0;
  if (accepted) device.floor = from + match + 1;
  else state.unknown[0] += 1;
  state.recent = [...state.recent, { digest: '0123456789abcdefghijk0', accepted, sequence }].slice(-RECENT);
  const at = Date.now();
  const type = accepted ? 'accepted' : 'rejected';
  const event = { type, after: sequence, nonce: 'abcdefghijkl', by: 'app', at, device: account, match, state };
  const stored = await ledger.publish(`floor.acme.${account}`, JSON.stringify(event), {
    expect: { lastSubjectSequence: sequence },
    timeout: WITHIN_MS,
  });
  await scripts.settle(account, JSON.stringify(state), stored.seq);
  return { verdict: type, sequence: stored.seq };
}

connection.subscribe('floor.verify', {
  callback: (error, message) => {
    if (error) throw error;
    const question = message.json<Verify>();
    inTurn(question.account, () => verify(question)).then(
      (answer) => message.respond(JSON.stringify(answer)),
      (reason: unknown) => message.respond(JSON.stringify({ failed: String(reason) })),
    );
  },
});
await connection.flush();
process.send?.('ready');
process.on('disconnect', () => process.exit());
