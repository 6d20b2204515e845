import type { HsmFaults } from '../../hsm/hsm-faults.js';
import type { Chance } from '../chance/chance.js';
import type { Mend, TortureWorld } from '../world/world.js';
import { TORTURER } from '../world/world.js';
import { leaders } from './leaders.js';

/** What a kind of fault takes beside processes that can be killed. */
export type Need = 'cluster' | 'namespaces';

/** Something is broken now. */
export interface Broken {
  /** what it was done to */
  target: string;
  /** whether JetStream has to elect a leader because of it */
  elects: boolean;
  mend: Mend;
}

interface Fault {
  needs: readonly Need[];
  /** how long it lasts, ms */
  lastsMs: readonly [number, number];
  break(world: TortureWorld, chance: Chance, hsm: HsmFaults): Promise<Broken>;
}

const SHORT = [200, 2000] as const;
const LONG = [500, 6000] as const; // past every time-out and every breaker
const MOMENT = [0, 200] as const; // over as soon as it is done
const ONLY_PEERS = 0.7;
const CLOCK_OFF_MS = 90_000; // three TOTP steps, or a code's whole life

/** Every kind of fault, as `--faults` takes it. */
const FAULTS = {
  'service-killed': { needs: [], lastsMs: SHORT, break: (world, chance) => kill(world, chance.among(world.services)) },
  'service-paused': { needs: [], lastsMs: LONG, break: (world, chance) => pause(world, chance.among(world.services)) },
  'nats-killed': { needs: [], lastsMs: SHORT, break: (world, chance) => kill(world, chance.among(world.natsNodes)) },
  'nats-paused': { needs: [], lastsMs: LONG, break: (world, chance) => pause(world, chance.among(world.natsNodes)) },
  'nats-leader-steps-down': { needs: ['cluster'], lastsMs: MOMENT, break: stepDown },
  'nats-leader-isolated': { needs: ['cluster', 'namespaces'], lastsMs: LONG, break: isolateLeader },
  'nats-all-restarted': { needs: [], lastsMs: SHORT, break: restartNats },
  'redis-killed': { needs: [], lastsMs: LONG, break: (world, chance) => kill(world, chance.among(world.redisNodes)) },
  'redis-paused': { needs: [], lastsMs: LONG, break: (world, chance) => pause(world, chance.among(world.redisNodes)) },
  'redis-flushed': { needs: [], lastsMs: MOMENT, break: async (world) => quiet('redis', await world.redisFlush()) },
  'redis-failover-stale': {
    needs: ['cluster'],
    lastsMs: LONG,
    break: async (world) => quiet('redis', await world.redisFailover()),
  },
  'redis-past': { needs: [], lastsMs: LONG, break: async (world) => quiet('redis', await world.redisPast()) },
  'network-cut': { needs: ['namespaces'], lastsMs: LONG, break: cut },
  'acks-lost': { needs: ['namespaces'], lastsMs: LONG, break: loseAcks },
  'clock-off': { needs: [], lastsMs: LONG, break: clockOff },
  'token-gone': { needs: [], lastsMs: LONG, break: async (world) => quiet('the token', await world.tokenGone()) },
  'hsm-sessions-exhausted': {
    needs: [],
    lastsMs: LONG,
    break: async (_world, _chance, hsm) => quiet('every key-derivation', hsm.sessionsExhausted()),
  },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];
export const faultOf = (kind: FaultKind): Fault => FAULTS[kind];

/** A fault after which JetStream elects nobody. */
const quiet = (target: string, mend: Mend): Broken => ({ target, elects: false, mend });

async function kill(world: TortureWorld, target: string): Promise<Broken> {
  const elects = (await leaders(world)).includes(target);
  return { target, elects, mend: await world.kill(target) };
}

async function pause(world: TortureWorld, target: string): Promise<Broken> {
  const elects = (await leaders(world)).includes(target);
  return { target, elects, mend: await world.pause(target) };
}

async function stepDown(world: TortureWorld): Promise<Broken> {
  const target = await world.ledgerLeader();
  return { target, elects: true, mend: await world.stepDown() };
}

/** From its peers only, so that it goes on talking to its clients, or from everybody. */
async function isolateLeader(world: TortureWorld, chance: Chance): Promise<Broken> {
  const target = await world.ledgerLeader();
  const peers = world.natsNodes.filter((each) => each !== target);
  const onlyPeers = chance.happens(ONLY_PEERS);
  const mend = await (onlyPeers ? world.isolate(target, peers) : world.isolate(target));
  return { target: onlyPeers ? `${target} from its peers` : target, elects: true, mend };
}

async function restartNats(world: TortureWorld): Promise<Broken> {
  return { target: world.natsNodes.join(' '), elects: world.natsNodes.length > 1, mend: await world.restartAllNats() };
}

/** Between any two that talk to each other: everybody to NATS, NATS to NATS, verification to Redis. */
async function cut(world: TortureWorld, chance: Chance): Promise<Broken> {
  const nats = chance.among(world.natsNodes);
  const verification = world.services.filter((each) => each.startsWith('verification'));
  const [one, other] = chance.among([
    [chance.among(world.services), nats],
    [chance.among(world.natsNodes.filter((each) => each !== nats).concat(TORTURER)), nats],
    [chance.among(verification), chance.among(world.redisNodes)],
  ] as const);
  const way = chance.happens(0.7) ? 'both' : 'one way';
  const elects = (await leaders(world)).some((each) => each === one || each === other) && world.natsNodes.includes(one);
  return {
    target: `${one} ${way === 'both' ? '<->' : '-x->'} ${other}`,
    elects,
    mend: await world.cut(one, other, way),
  };
}

/** A verification's appends arrive, and it does not hear of it. */
async function loseAcks(world: TortureWorld, chance: Chance): Promise<Broken> {
  const deaf = chance.among(world.services.filter((each) => each.startsWith('verification')));
  const mends = await Promise.all(world.natsNodes.map((nats) => world.cut(nats, deaf, 'one way')));
  return quiet(deaf, async () => {
    await Promise.all(mends.map((mend) => mend()));
  });
}

async function clockOff(world: TortureWorld, chance: Chance): Promise<Broken> {
  const target = chance.among(world.services.filter((each) => each.startsWith('verification')));
  const ms = chance.happens(0.5) ? CLOCK_OFF_MS : -CLOCK_OFF_MS;
  return quiet(`${target} by ${ms / 1000} s`, await world.clockOff(target, ms));
}
