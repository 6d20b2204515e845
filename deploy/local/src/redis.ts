import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { childVariables } from './child-variables.js';
import { REDIS_ADMIN, replication, sentinelConfig } from './cluster/sentinel.js';
import type { ServerPlace } from './cluster/places.js';
import type { StateFolder } from './folder.js';
import { placesOf, type Plan } from './plan.js';
import { privateFolder, writePrivate } from './private-files.js';
import type { Program } from './program.js';
import { libraryVariables, type Servers } from './runtime.js';
import { planOf } from './credentials.js';
import { tlsOf, type TlsFiles } from './tls/certificates.js';
import { untilYes } from './wait-until.js';

export const REDIS_USER = 'verification';
const MEMORY = '128mb';
const ANSWER_WITHIN_MS = 500;

/** What verification may do: run its scripts, and read or write its own keys. Scripts obey the same list. */
const COMMANDS = [
  ...['+ping', '+client|setname', '+client|id'], // what a client says of itself
  '+info', // the run id: a cache that was started anew is another one
  ...['+eval', '+evalsha', '+script|load'],
  ...['+hget', '+hmget', '+hset', '+hdel', '+del', '+pexpire', '+pttl'], // what scripts do with a window
];

/** Of verification at a Sentinel: to ask who the master is, and to hear when that changes. */
const SENTINEL_RIGHTS =
  'allchannels -@all +@connection -client +client|setname +subscribe +info' +
  ' +sentinel|get-master-addr-by-name +sentinel|sentinels +sentinel|replicas';

/** A cache: nothing on disk, old entries go when memory is full. Passwords stand here as their SHA-256. */
export function redisConfig(folder: StateFolder, plan: Plan, place = placesOf(plan).redis[0] as ServerPlace): string {
  return [
    ...listening(folder, place, plan),
    'daemonize no',
    'save ""',
    'appendonly no',
    `maxmemory ${MEMORY}`,
    'maxmemory-policy allkeys-lru',
    ...replication(folder, placesOf(plan).redis, place),
    ...users(folder, `~countersign:* resetchannels -@all ${COMMANDS.join(' ')}`),
    '',
  ].join('\n');
}

/** Of every Redis and Sentinel of the plan. */
export function writeRedisConfig(folder: StateFolder, plan: Plan): void {
  const { redis, sentinels } = placesOf(plan);
  for (const place of [...redis, ...sentinels]) privateFolder(folder.redisData(place.name));
  for (const place of redis) writePrivate(folder.redisConfig(place.name), redisConfig(folder, plan, place));
  for (const place of sentinels) {
    const lines = [
      ...listening(folder, place, plan),
      ...users(folder, SENTINEL_RIGHTS),
      ...sentinelConfig(folder, redis),
    ];
    writePrivate(folder.redisConfig(place.name), lines.join('\n'));
  }
}

const listening = (folder: StateFolder, { name, host, listen, port }: ServerPlace, plan: Plan): string[] => [
  `bind ${listen ?? host}`,
  ...(plan.tls ? tlsLines(folder, plan, port) : [`port ${port}`]),
  `dir ${JSON.stringify(folder.redisData(name))}`,
];

/** Whoever connects is known by user and password, so no certificate is asked for. */
function tlsLines(folder: StateFolder, plan: Plan, port: number): string[] {
  const { caFile, certFile, keyFile } = tlsOf(folder, plan, 'redis') as TlsFiles;
  const files = { 'ca-cert-file': caFile, 'cert-file': certFile, 'key-file': keyFile };
  return [
    ...['port 0', `tls-port ${port}`, 'tls-auth-clients no'],
    ...Object.entries(files).map(([name, path]) => `tls-${name} ${JSON.stringify(path)}`),
  ];
}

function users(folder: StateFolder, rights: string): string[] {
  const hash = (name: 'redis-verification.password' | 'redis-admin.password'): string =>
    createHash('sha256')
      .update(readFileSync(folder.secret(name)))
      .digest('hex');
  return [
    'user default off',
    `user ${REDIS_ADMIN} on #${hash('redis-admin.password')} ~* &* +@all`,
    `user ${REDIS_USER} on #${hash('redis-verification.password')} ${rights}`,
  ];
}

/** A Redis, or a Sentinel, which is the same program in another mode. */
export function redisProgram(
  folder: StateFolder,
  servers: Servers,
  place: ServerPlace,
  mode: 'redis' | 'sentinel' = 'redis',
): Program {
  return {
    name: place.name,
    command: servers.redisServer,
    args: [folder.redisConfig(place.name), ...(mode === 'sentinel' ? ['--sentinel'] : [])],
    variables: { ...childVariables(), ...libraryVariables(servers) },
    logFile: folder.log(place.name),
    ready: (life) => untilYes(life, async () => (await askRedis(folder, place, ['PING']).catch(() => '')) === '+PONG'),
  };
}

/** A socket to a Redis of this platform, with TLS where it has that. */
export function connectRedis(folder: StateFolder, at: Pick<ServerPlace, 'host' | 'port'>): Socket {
  if (!planOf(folder).tls) return connect(at);
  return connectTls({ ...at, ca: readFileSync(folder.tlsTrusted()), servername: 'redis' });
}

/** The first line of the answer to one command, given as the user `admin`. For tests and for readiness. */
export function askRedis(
  folder: StateFolder,
  { host, port }: Pick<ServerPlace, 'host' | 'port'>,
  command: string[],
): Promise<string> {
  const password = readFileSync(folder.secret('redis-admin.password'), 'utf8');
  return new Promise((resolve, reject) => {
    const socket = connectRedis(folder, { host, port });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('no answer from Redis')));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const [authenticated, answer, ...rest] = text.split('\r\n');
      if (rest.length === 0) return;
      socket.destroy();
      if (authenticated === '+OK' && answer !== undefined) resolve(answer);
      else reject(new Error(`Redis refused the admin: ${authenticated}`));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('Redis closed the connection')));
    socket.write(inResp(['AUTH', REDIS_ADMIN, password]) + inResp(command));
  });
}

/** A command as Redis reads it: an array of bulk strings (RESP2). */
function inResp(words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
