import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bus } from '@countersign/bus';
import { DIRECTORY_STREAM, LEDGER_STREAM, SERVICES } from '@countersign/contracts';
import { connectAs, livingServices, natsServerOf } from '@countersign/local';
import { reasonOf } from '@countersign/runtime';
import { textIn } from './files.js';
import { ok, warning, wrong, type Finding, type Patient } from './finding.js';
import { isAtLeast } from './servers.js';

const WITHIN_MS = 2000;
const MAX_SKEW_MS = 5000; // services refuse to decide beyond it
const CLUSTER_RELEASE = [2, 10, 23];

interface StreamInfo {
  ts?: string;
  created: string;
  config: Record<string, unknown> & { num_replicas: number };
  state: { last_seq: number };
  cluster?: { leader?: string; replicas?: { name: string; current: boolean }[] };
}

/** What an operator can see on the bus. Nothing while the platform is down. */
export async function bus(patient: Patient): Promise<Finding[]> {
  const { folder, plan, up } = patient;
  if (!up) return [];
  let operator: Bus;
  try {
    operator = await connectAs(folder, natsServerOf(plan), 'operator', WITHIN_MS);
  } catch (error) {
    return [wrong('nats', reasonOf(error), 'countersign logs nats')];
  }
  try {
    return [...(await services(operator)), ...(await streams(operator, patient))];
  } finally {
    await operator.close();
  }
}

async function services(operator: Bus): Promise<Finding[]> {
  const living = (await livingServices(operator)).map(({ name }) => name);
  return SERVICES.map((service) => {
    const count = living.filter((name) => name === service).length;
    if (count > 0) return ok('services', `${service} answers${count > 1 ? `, ${count} replicas` : ''}`);
    return wrong('services', `${service} does not answer`, `countersign logs ${service}`);
  });
}

async function streams(operator: Bus, patient: Patient): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const stream of [LEDGER_STREAM, DIRECTORY_STREAM]) {
    try {
      const seen = marksIn(patient); // before the ledger is asked: meanwhile it may only grow
      const sentAt = patient.clock.now();
      const info = await operator.request<StreamInfo>(`$JS.API.STREAM.INFO.${stream}`, {}, { timeoutMs: WITHIN_MS });
      if (stream === LEDGER_STREAM) {
        found.push(clock(info, sentAt, patient.clock.now()));
        found.push(reach(info, seen));
      }
      found.push(...settings(stream, info), ...replicas(stream, info, operator.connection.info?.version ?? '0'));
    } catch (error) {
      found.push(wrong('ledger', `stream ${stream}: ${reasonOf(error)}`, 'countersign logs nats'));
    }
  }
  return found;
}

function settings(stream: string, { config }: StreamInfo): Finding[] {
  const wanted = { storage: 'file', discard: 'new', deny_delete: true, max_age: 0, max_msgs: -1, max_bytes: -1 };
  const odd = Object.entries(wanted).filter(([name, value]) => config[name] !== value);
  if (odd.length === 0) return [ok('ledger', `stream ${stream} forgets nothing`)];
  const text = odd.map(([name, value]) => `${name} is ${JSON.stringify(config[name])}, not ${JSON.stringify(value)}`);
  return [
    wrong('ledger', `stream ${stream}: ${text.join('; ')}`, 'somebody changed it with foreign rights: find out who'),
  ];
}

function replicas(stream: string, { config, cluster }: StreamInfo, version: string): Finding[] {
  const { num_replicas: count } = config;
  if (count === 1) return [ok('ledger', `stream ${stream} has one replica, on a single server`)];
  if (!isAtLeast(version, CLUSTER_RELEASE))
    return [
      wrong('ledger', `nats-server ${version} does not keep ${count} replicas whole`, 'update it to 2.10.23 or newer'),
    ];
  const behind = cluster?.replicas?.filter(({ current }) => !current).map(({ name }) => name) ?? [];
  if (behind.length === 0) return [ok('ledger', `stream ${stream} has ${count} replicas, all of them current`)];
  return [warning('ledger', `stream ${stream}: ${behind.join(', ')} behind`, 'see that those servers run')];
}

/** The error of the measurement, at most half of the round trip, is given away. */
function clock({ ts }: StreamInfo, sentAt: number, receivedAt: number): Finding {
  if (ts === undefined) return warning('clock', 'nats-server does not tell its time', 'update it to 2.10.23 or newer');
  const skewMs = Math.abs(Date.parse(ts) - (sentAt + receivedAt) / 2) - (receivedAt - sentAt) / 2;
  if (skewMs <= MAX_SKEW_MS) return ok('clock', 'agrees with that of NATS');
  const text = `differs from that of NATS by ${Math.round(skewMs)} ms; beyond ${MAX_SKEW_MS} nothing is decided`;
  return wrong('clock', text, 'synchronise both (NTP)');
}

interface Mark {
  file: string;
  created?: string;
  sequence?: number;
}

/** How far each service saw the ledger reach. */
function marksIn({ folder }: Patient): Mark[] {
  const room = dirname(folder.state('x'));
  const files = readdirSync(room).filter((name) => name.endsWith('.high-water.json'));
  return files.map((file) => ({ file, ...(JSON.parse(textIn(join(room, file)) ?? '{}') as object) }));
}

function reach({ state, created: made }: StreamInfo, marks: Mark[]): Finding {
  const beyond = marks
    .filter(({ created, sequence = 0 }) => created !== undefined && (created !== made || sequence > state.last_seq))
    .map(({ file }) => file);
  if (beyond.length === 0) return ok('ledger', 'ends where the services saw it end, or later');
  const text = `it went back, or was made anew: it ends at ${state.last_seq}, and ${beyond.join(', ')} saw more`;
  return wrong('ledger', text, 'restore the newest copy of the store; docs/troubleshooting.md, ROLLBACK');
}
