import { DIRECTORY_STREAM, LEDGER_STREAM } from '@countersign/contracts';
import {
  askRedis,
  connectAs,
  livingChildren,
  livingServices,
  natsServerOf,
  placesOf,
  planOf,
} from '@countersign/local';
import type { Bus } from '@countersign/bus';
import { reasonOf } from '@countersign/runtime';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { statusLines } from '../screen/status-lines.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

const CONNECT_WITHIN_MS = 1000;
const ANSWER_WITHIN_MS = 2000;

/** How things stand, as `--json` shows it. */
export interface Status {
  nats: { server: string; version: string };
  redis: { port: number | undefined; answers: boolean };
  /** as the key service's own counts say it; absent when it does not answer */
  hsm?: { requests: number; errors: number };
  processes: { name: string; pid: number }[];
  services: { name: string; id: string; version: string }[];
  ledger: StreamStatus;
  directory: StreamStatus;
}

export interface StreamStatus {
  messages: number;
  bytes: number;
  /** of the last message */
  sequence: number;
  replicas: number;
}

interface StreamInfo {
  config: { num_replicas: number };
  state: { messages: number; bytes: number; last_seq: number };
}

interface ServiceStats {
  endpoints?: { num_requests: number; num_errors: number }[];
}

export function status(program: Command): void {
  const command = shared(program.command('status'))
    .description('servers, services, HSM and ledger: what answers now, and how it stands')
    .action(async (options: SharedOptions) => {
      const folder = folderOf(options);
      const plan = planOf(folder);
      const bus = await connectAs(folder, natsServerOf(plan), 'operator', CONNECT_WITHIN_MS);
      try {
        const [redis] = placesOf(plan).redis;
        const pong = redis && (await askRedis(folder, redis, ['PING']).catch(reasonOf));
        const services = await livingServices(bus);
        const hsm = await hsmStatus(bus);
        const found: Status = {
          nats: { server: bus.server, version: bus.connection.info?.version ?? 'unknown' },
          redis: { port: redis?.port, answers: pong === '+PONG' },
          ...(hsm && { hsm }),
          processes: livingChildren(folder).map(({ name, pid }) => ({ name, pid })),
          services: services.map(({ name, id, version }) => ({ name, id, version })),
          ledger: await streamStatus(bus, LEDGER_STREAM),
          directory: await streamStatus(bus, DIRECTORY_STREAM),
        };
        screenOf(options).result(found, statusLines(found));
        if (services.length === 0) process.exitCode = EXIT.unavailable;
      } finally {
        await bus.close();
      }
    });
  example(command, 'countersign status', 'countersign status --json');
}

async function streamStatus(bus: Bus, stream: string): Promise<StreamStatus> {
  const subject = `$JS.API.STREAM.INFO.${stream}`;
  const { config, state } = await bus.request<StreamInfo>(subject, {}, { timeoutMs: ANSWER_WITHIN_MS });
  return {
    messages: state.messages,
    bytes: state.bytes,
    sequence: state.last_seq,
    replicas: config.num_replicas,
  };
}

/** Of one replica of the only service that holds the HSM: it does not answer before its token did. */
async function hsmStatus(bus: Bus): Promise<Status['hsm']> {
  try {
    const stats = await bus.request<ServiceStats>('$SRV.STATS.key-derivation', {}, { timeoutMs: ANSWER_WITHIN_MS });
    const sum = (field: 'num_requests' | 'num_errors'): number =>
      (stats.endpoints ?? []).reduce((total, endpoint) => total + endpoint[field], 0);
    return { requests: sum('num_requests'), errors: sum('num_errors') };
  } catch {
    return undefined;
  }
}
