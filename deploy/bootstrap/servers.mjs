// Sees to it that every server is here (the machine's own, an earlier set-up's, apt's, Homebrew's) and writes down where.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask, perform } from './commands.mjs';
import { fetchServers, treeOf } from './fetch-servers.mjs';
import { onThisMachine, unpackedIn } from './found-servers.mjs';
import { runtimeFolder, serversFile } from './places.mjs';
import { hasApt } from './private-apt.mjs';
import { Refused } from './refused.mjs';
import { FOR_TESTS, SERVERS } from './server-list.mjs';

/**
 * @typedef {import('./server-list.mjs').ServerKey} ServerKey
 * @typedef {import('./found-servers.mjs').Found} Found
 */

/**
 * What servers.json holds: absolute paths.
 * @typedef {object} Servers
 * @property {string} natsServer
 * @property {string} redisServer a name that decides what it is: do not resolve the link
 * @property {string} [redisCli]
 * @property {string} softhsmModule the PKCS#11 library
 * @property {string} softhsmUtil give it --module
 * @property {string} [oathtool] when tests asked for it
 * @property {string} [natsServerOld] likewise
 * @property {string} [ip] likewise
 * @property {string} [chromium] likewise: the headless shell
 * @property {string} libraryPath for LD_LIBRARY_PATH of all of these and of the process that loads the module; '' if none is needed
 */

/**
 * @param {{ say: (line: string) => void, tests: boolean }} options
 * @returns {Promise<Servers>}
 * @throws {Refused}
 */
export async function needServers({ say, tests }) {
  removeLeftovers();
  /** @type {ServerKey[]} */
  const wanted = ['natsServer', 'redisServer', 'softhsmUtil', ...(tests ? neededByTests() : [])];
  const missing = wanted.filter((key) => !find(key));
  if (missing.length > 0) await getThem(missing, say);
  const found = new Map([...new Set([...wanted, ...FOR_TESTS])].map((key) => [key, find(key)]));
  const lost = wanted.filter((key) => !found.get(key));
  if (lost.length > 0) throw new Refused(byHand(lost));
  const servers = describe(/** @type {Map<ServerKey, Found>} */ (found));
  if (writeDown(servers))
    say(`servers: ${wanted.map((key) => `${SERVERS[key].name} ${found.get(key)?.version}`).join(', ')}`);
  return servers;
}

function neededByTests() {
  return FOR_TESTS.filter((key) => SERVERS[key].brew !== undefined || hasApt());
}

/** @param {ServerKey} key */
function find(key) {
  return onThisMachine(key) ?? unpackedIn(key, treeOf(key));
}

/** @param {ServerKey[]} missing @param {(line: string) => void} say */
async function getThem(missing, say) {
  if (hasApt()) return fetchServers(missing, say);
  const formulas = missing.flatMap((key) => SERVERS[key].brew ?? []);
  if (!ask('brew', ['--version']).ok) {
    throw new Refused(`There is neither apt nor Homebrew here to fetch servers with. ${byHand(missing)}`);
  }
  say(`servers: brew install ${formulas.join(' ')}`);
  await perform('brew', ['install', ...formulas], { meaning: 'brew install' });
}

/** @param {ServerKey[]} missing */
function byHand(missing) {
  const lines = missing.map((key) => {
    const { name, minimum, program, debian, brew } = SERVERS[key];
    return `  ${name} ${minimum} or newer (the program ${program}; Debian package ${debian[0]}, Homebrew ${brew})`;
  });
  return `These are needed: put them on PATH and start again.\n${lines.join('\n')}`;
}

/**
 * @param {Map<ServerKey, Found | undefined>} found
 * @returns {Servers}
 */
function describe(found) {
  const path = (/** @type {ServerKey} */ key) => /** @type {Found} */ (found.get(key)).path;
  const redisCli = join(dirname(path('redisServer')), 'redis-cli');
  const forTests = FOR_TESTS.flatMap((key) => (found.get(key) ? [[key, path(key)]] : []));
  const libraries = [...found.values()].flatMap((each) => each?.libraryPath.split(':') ?? []).filter(Boolean);
  return {
    natsServer: path('natsServer'),
    redisServer: path('redisServer'),
    ...(existsSync(redisCli) ? { redisCli } : {}),
    softhsmModule: /** @type {string} */ (found.get('softhsmUtil')?.module),
    softhsmUtil: path('softhsmUtil'),
    ...Object.fromEntries(forTests),
    libraryPath: [...new Set(libraries)].join(':'),
  };
}

/**
 * @param {Servers} servers
 * @returns {boolean} whether anything changed
 */
function writeDown(servers) {
  const text = `${JSON.stringify(servers, null, 2)}\n`;
  if (existsSync(serversFile) && readFileSync(serversFile, 'utf8') === text) return false;
  mkdirSync(runtimeFolder, { recursive: true });
  writeFileSync(`${serversFile}.new`, text);
  renameSync(`${serversFile}.new`, serversFile);
  return true;
}

/** What an interrupted set-up left behind; the lock is held, so nobody is using it. */
function removeLeftovers() {
  if (!existsSync(runtimeFolder)) return;
  for (const name of readdirSync(runtimeFolder)) {
    if (name.startsWith('.apt-')) rmSync(join(runtimeFolder, name), { recursive: true, force: true });
  }
}
