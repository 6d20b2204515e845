import { HOST, freePort } from '../ports.js';
import type { Network } from './network.js';

/** Where one server listens. */
export interface ServerPlace {
  /** of its process */
  name: string;
  host: string;
  port: number;
  /** the address that it listens on, where that is not `host` */
  listen?: string;
  /** NATS in a cluster: where its peers reach it */
  routePort?: number;
}

/** Where all servers of a platform listen. */
export interface ServerPlaces {
  nats: ServerPlace[];
  /** the first is the master until Sentinel says otherwise */
  redis: ServerPlace[];
  sentinels: ServerPlace[];
}

/** `single`: one NATS, one Redis. `cluster`: three NATS with a copy of the ledger each, two Redis, three Sentinels. */
export type Topology = 'single' | 'cluster';

const NAMES: Record<Topology, Record<keyof ServerPlaces, string[]>> = {
  single: { nats: ['nats'], redis: ['redis'], sentinels: [] },
  cluster: {
    nats: ['nats-1', 'nats-2', 'nats-3'],
    redis: ['redis-1', 'redis-2'],
    sentinels: ['sentinel-1', 'sentinel-2', 'sentinel-3'],
  },
};
const PORTS: Record<keyof ServerPlaces, number> = { nats: 4222, redis: 6379, sentinels: 26_379 };
const ROUTE_PORT = 6222;

/** The usual ports where each process has an address of its own; else free ones of 127.0.0.1. */
export async function choosePlaces(topology: Topology, network: Network | undefined): Promise<ServerPlaces> {
  const taken = new Set<number>();
  const port = async (usual: number): Promise<number> => {
    if (network) return usual;
    for (;;) {
      const free = await freePort();
      if (!taken.has(free)) return (taken.add(free), free);
    }
  };
  const choose = async (kind: keyof ServerPlaces): Promise<ServerPlace[]> => {
    const places: ServerPlace[] = [];
    for (const name of NAMES[topology][kind]) {
      const place = { name, host: network?.addressOf(name) ?? HOST, port: await port(PORTS[kind]) };
      const inCluster = kind === 'nats' && topology === 'cluster';
      places.push({ ...place, ...(inCluster && { routePort: await port(ROUTE_PORT) }) });
    }
    return places;
  };
  return { nats: await choose('nats'), redis: await choose('redis'), sentinels: await choose('sentinels') };
}

/** host:port */
export const addressOf = ({ host, port }: ServerPlace): string => `${host}:${port}`;
