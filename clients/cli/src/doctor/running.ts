import { connectRedis, freePort, holdCeremony, holderOf, livingChildren, type StateFolder } from '@countersign/local';
import { existsSync } from 'node:fs';
import { reasonOf } from '@countersign/runtime';
import { ok, warning, wrong, type Finding, type Patient } from './finding.js';

const ANSWER_WITHIN_MS = 1000;
const AGAIN = 'countersign up; it ends what is left first';

/** Who runs it, and whether an earlier supervisor left something. */
export function lock({ folder }: Patient): Finding[] {
  const holder = holderOf(folder);
  if (typeof holder === 'number') return [ok('lock', `up, supervised by process ${holder}`)];
  const left = livingChildren(folder).map(({ name, pid }) => `${name} (${pid})`);
  const found: Finding[] = [];
  if (holder === 'stale') found.push(warning('lock', `${folder.lock()} is stale: its process is gone`, AGAIN));
  if (left.length > 0) found.push(wrong('lock', `nobody supervises ${left.join(', ')}`, AGAIN));
  return found.length > 0 ? found : [ok('lock', 'not up, and nothing is left of the last time')];
}

/** While it is down: whether somebody else took the ports that clients know. */
export async function ports({ plan, up }: Patient): Promise<Finding[]> {
  if (up) return [];
  const found: Finding[] = [];
  for (const [name, port] of Object.entries(plan.ports))
    if ((await freePort(port)) !== port) {
      const text = `port ${port}, which ${name} had, is taken: the next start chooses another, and clients have to know`;
      found.push(warning('ports', text, `see who listens: ss -ltnp 'sport = :${port}'`));
    }
  return found.length > 0 ? found : [ok('ports', 'free')];
}

/** The token has the identity keys and the masters that were pinned (check values). */
export async function token({ folder, servers }: Patient): Promise<Finding[]> {
  if (!existsSync(folder.hsmPublic())) return []; // said of the secrets; a ceremony would make new keys
  try {
    await holdCeremony(folder, servers);
    return [ok('token', 'its keys and masters are the pinned ones')];
  } catch (error) {
    return [wrong('token', reasonOf(error), `bring back ${folder.hsmTokens()} and the PIN files from one backup`)];
  }
}

/** Whoever does not say who he is must not get in. */
export async function redisDoor({ folder, plan, up }: Patient): Promise<Finding[]> {
  if (!up || plan.ports.redis === undefined) return [];
  const answer = await pinged(folder, plan.ports.redis).catch((error: unknown) => reasonOf(error));
  if (answer.startsWith('-NOAUTH')) return [ok('redis', 'answers, and lets nobody in without a password')];
  if (answer.startsWith('+PONG'))
    return [
      wrong('redis', 'lets everybody in: its user default is on', 'user default off, in redis.conf; countersign up'),
    ];
  return [warning('redis', `does not answer: ${answer}; verdicts are slower`, 'countersign logs redis')];
}

function pinged(folder: StateFolder, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectRedis(folder, { host: '127.0.0.1', port });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error(`nothing within ${ANSWER_WITHIN_MS} ms`)));
    socket.once('data', (chunk) => {
      resolve(chunk.toString('utf8'));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('connect', () => socket.write('PING\r\n'));
  });
}
