import {
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECT,
  DIRECTORY_BUCKET,
  DIRECTORY_STREAM,
  LEDGER_STREAM,
  TILE_STREAM,
  tileSubject,
} from '@countersign/contracts';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

export type WantedStream = Partial<StreamConfig> & { name: string; num_replicas: number };

const KEPT_FOR_EVER = { max_age: 0, max_msgs: -1, max_bytes: -1, discard: 'new', storage: 'file' } as const;

/** The platform's streams. What is not named here is the server's default. */
export const streams = (replicas: number): WantedStream[] => [
  {
    ...KEPT_FOR_EVER,
    name: LEDGER_STREAM,
    subjects: ['ledger.>'],
    num_replicas: replicas,
    max_msgs_per_subject: -1,
    deny_delete: true, // purging is withheld by rights instead: deny_purge could never be undone
    allow_rollup_hdrs: false,
    allow_direct: true,
  },
  {
    ...KEPT_FOR_EVER,
    name: DIRECTORY_STREAM,
    subjects: [`$KV.${DIRECTORY_BUCKET}.>`],
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    deny_delete: true,
    allow_rollup_hdrs: false, // one rollup of all would empty it; an entry is erased by a tombstone in its place
    allow_direct: true,
  },
  {
    ...KEPT_FOR_EVER,
    name: CHECKPOINT_STREAM,
    subjects: [CHECKPOINT_SUBJECT],
    num_replicas: replicas,
    max_msgs_per_subject: -1,
    deny_delete: true,
    allow_rollup_hdrs: false,
    allow_direct: true,
  },
  {
    ...KEPT_FOR_EVER,
    name: TILE_STREAM,
    subjects: [tileSubject('*', '*')],
    num_replicas: replicas,
    max_msgs_per_subject: 1, // of a tile that fills the widest counts: what came before is its beginning
    deny_delete: true,
    allow_rollup_hdrs: false,
    allow_direct: true,
  },
];

/** Makes the stream, or makes sure that it is what is wanted. Says which. Throws when it is there and differs. */
export async function ensureStream(connection: NatsConnection, wanted: WantedStream): Promise<string> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const there = await manager.streams.info(wanted.name).catch(() => undefined);
  if (there === undefined) {
    await manager.streams.add(wanted);
    return `made stream ${wanted.name}, ${wanted.num_replicas} replica(s)`;
  }
  const have = there.config as unknown as Record<string, unknown>;
  const wrong = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(have[field]) !== JSON.stringify(value),
  );
  if (wrong.length > 0) {
    const differences = wrong
      .map(([field, value]) => `${field} is ${show(have[field])}, not ${show(value)}`)
      .join('; ');
    throw new Error(`stream ${wanted.name} is there and differs: ${differences}`);
  }
  return `stream ${wanted.name} is there`;
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'not set';
