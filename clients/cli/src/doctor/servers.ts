import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { libraryVariables, natsConfig, placesOf, redisConfig, type Servers } from '@countersign/local';
import { reasonOf } from '@countersign/runtime';
import { textIn } from './files.js';
import { ok, wrong, type Finding, type Patient } from './finding.js';

const run = promisify(execFile);
const WITHIN_MS = 5_000;

/** The least version of each; the set-up (deploy/bootstrap) asks the same. */
const NEEDED = [
  { name: 'nats-server', program: 'natsServer', least: [2, 10, 23], why: 'older clusters acknowledge rival appends' },
  { name: 'redis-server', program: 'redisServer', least: [6, 2], why: 'the scripts use its commands' },
  { name: 'SoftHSM', program: 'softhsmUtil', least: [2, 6], why: 'key wrapping and Ed25519' },
] as const;

export function versions({ servers }: Patient): Promise<Finding[]> {
  return Promise.all(NEEDED.map((needed) => versionOf(needed, servers)));
}

async function versionOf({ name, program, least, why }: (typeof NEEDED)[number], servers: Servers): Promise<Finding> {
  const mend = `install ${name} ${least.join('.')} or newer, or remove it from the PATH: npm start then fetches one`;
  try {
    const env = { ...process.env, ...libraryVariables(servers) };
    const { stdout } = await run(servers[program], ['--version'], { env, timeout: WITHIN_MS });
    const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? '0';
    if (isAtLeast(version, least)) return ok('versions', `${name} ${version}`);
    return wrong('versions', `${name} ${version} is too old: ${why}`, mend);
  } catch (error) {
    return wrong('versions', `${name} does not run: ${reasonOf(error).split('\n')[0]}`, mend);
  }
}

export function isAtLeast(version: string, least: readonly number[]): boolean {
  const have = version.split('.').map(Number);
  const place = least.findIndex((part, index) => (have[index] ?? 0) !== part);
  return place === -1 || (have[place] ?? 0) > (least[place] ?? 0);
}

/** What the running servers were told is what the plan says. They are told anew at each start. */
export function configurations({ folder, plan, up }: Patient): Finding[] {
  if (!up) return [];
  const mend = 'stop the platform and start it again: countersign up';
  const { nats, redis, sentinels } = placesOf(plan);
  const found = nats.map((place) => {
    const file = folder.natsConfig(place.name);
    return textIn(file) === natsConfig(folder, plan, place)
      ? ok('configuration', `${nats.length === 1 ? 'nats-server' : place.name} has the rights and tenants of the plan`)
      : wrong('configuration', `${file} is not what the plan says`, mend);
  });
  if (nats.length === 1)
    found.push(
      textIn(folder.natsConfig())?.includes('sync_interval: always')
        ? ok('configuration', 'nats-server writes to disk before it acknowledges (sync_interval: always)')
        : wrong('configuration', 'without sync_interval: always a power cut can undo acceptances', mend),
    );
  if (sentinels.length > 0) return found; // Sentinel rewrites the configuration of Redis
  return [
    ...found,
    ...redis.map((place) =>
      textIn(folder.redisConfig(place.name)) === redisConfig(folder, plan, place)
        ? ok('configuration', 'Redis has the users of the plan')
        : wrong('configuration', `${folder.redisConfig(place.name)} is not what the plan says`, mend),
    ),
  ];
}
