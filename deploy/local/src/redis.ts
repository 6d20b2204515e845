import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { childVariables } from './child-variables.js';
import type { StateFolder } from './folder.js';
import type { Plan } from './plan.js';
import { HOST } from './ports.js';
import { writePrivate } from './private-files.js';
import type { Program } from './program.js';
import { libraryVariables, type Servers } from './runtime.js';
import { untilYes } from './wait-until.js';

export const REDIS_USER = 'verification';
const REDIS_ADMIN = 'admin';
const MEMORY = '128mb';
const ANSWER_WITHIN_MS = 500;

/** What verification may do: connect, run its scripts and read or write its own keys. Scripts obey the same list. */
const COMMANDS = [
  '+@connection',
  '-client',
  '+client|setname',
  '+client|id',
  '+info', // the run id: a cache that was started anew is another one
  ...['+eval', '+evalsha', '+script|load'],
  ...['+hget', '+hmget', '+hset', '+hdel', '+del', '+pexpire', '+pttl'], // what scripts do with a window
];

/** A cache: nothing on disk, old entries go when memory is full. Passwords stand here as their SHA-256. */
export function redisConfig(folder: StateFolder, plan: Plan): string {
  const hash = (name: 'redis-verification.password' | 'redis-admin.password'): string =>
    createHash('sha256')
      .update(readFileSync(folder.secret(name)))
      .digest('hex');
  return [
    `bind ${HOST}`,
    `port ${plan.ports.redis}`,
    `dir ${JSON.stringify(folder.redisData())}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    `maxmemory ${MEMORY}`,
    'maxmemory-policy allkeys-lru',
    'user default off',
    `user ${REDIS_ADMIN} on #${hash('redis-admin.password')} ~* &* +@all`,
    `user ${REDIS_USER} on #${hash('redis-verification.password')} ~countersign:* resetchannels -@all ${COMMANDS.join(' ')}`,
    '',
  ].join('\n');
}

export function writeRedisConfig(folder: StateFolder, plan: Plan): void {
  writePrivate(folder.redisConfig(), redisConfig(folder, plan));
}

export function redisProgram(folder: StateFolder, servers: Servers, port: number): Program {
  return {
    name: 'redis',
    command: servers.redisServer,
    args: [folder.redisConfig()],
    variables: { ...childVariables(), ...libraryVariables(servers) },
    logFile: folder.log('redis'),
    ready: (life) => untilYes(life, async () => (await askRedis(folder, port, ['PING']).catch(() => '')) === '+PONG'),
  };
}

/** The first line of the answer to one command, given as the user `admin`. For tests and for readiness. */
export function askRedis(folder: StateFolder, port: number, command: string[]): Promise<string> {
  const password = readFileSync(folder.secret('redis-admin.password'), 'utf8');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port });
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
