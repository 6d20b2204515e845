import { readFileSync } from 'node:fs';
import type { StateFolder } from '../folder.js';
import type { ServerPlace } from './places.js';

/** The name under which Sentinel knows the master: REDIS_SENTINEL_NAME of verification. */
export const MASTER_NAME = 'countersign';

export const REDIS_ADMIN = 'admin';
const QUORUM = 2;
const DOWN_AFTER_MS = 1000;
const FAILOVER_WITHIN_MS = 3000; // a failover that failed is tried again after twice this

/** What a Redis says about its replica or master. A single one says nothing. */
export function replication(folder: StateFolder, all: ServerPlace[], own: ServerPlace): string[] {
  const [master] = all;
  if (all.length === 1 || !master) return [];
  return [
    `masteruser ${REDIS_ADMIN}`,
    `masterauth ${adminPassword(folder)}`,
    'rdb-del-sync-files yes', // what a first copy was sent through would be loaded at the next start
    'repl-diskless-sync-delay 0',
    ...(own.name === master.name ? [] : [`replicaof ${master.host} ${master.port}`]),
  ];
}

/** What a Sentinel watches. It rewrites its configuration itself. */
export function sentinelConfig(folder: StateFolder, redis: ServerPlace[]): string[] {
  const [master] = redis;
  if (!master) throw new Error('there is no Redis to watch');
  return [
    `sentinel sentinel-user ${REDIS_ADMIN}`,
    `sentinel sentinel-pass ${adminPassword(folder)}`,
    `sentinel monitor ${MASTER_NAME} ${master.host} ${master.port} ${QUORUM}`,
    `sentinel auth-user ${MASTER_NAME} ${REDIS_ADMIN}`,
    `sentinel auth-pass ${MASTER_NAME} ${adminPassword(folder)}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_WITHIN_MS}`,
    '',
  ];
}

const adminPassword = (folder: StateFolder): string => readFileSync(folder.secret('redis-admin.password'), 'utf8');
