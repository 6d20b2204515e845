import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readServers, ROOT, type Servers } from '@countersign/local';

/** Where SoftHSM's module lies: Debian and Ubuntu, Fedora, by hand, Homebrew on either Mac. */
const SOFTHSM_MODULES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
const ENTRY = join('services', 'verification', 'dist', 'main.js');

/** Where to look; a test of this looks elsewhere. */
export interface Places {
  /** the clone of Countersign */
  root: string;
  /** written by the clone's set-up */
  serversFile?: string;
  path: string;
  modules: string[];
}

/** The servers of the clone's set-up, or else those on PATH. Throws Error naming what is missing and what to run. */
export function neededServers(places: Partial<Places> = {}): Servers {
  const { root = ROOT, serversFile, path = process.env['PATH'] ?? '', modules = SOFTHSM_MODULES } = places;
  if (!existsSync(join(root, ENTRY))) throw new Error(`Countersign in ${root} is not built; ${cure(root)}`);
  const setUp = serversSetUp(serversFile);
  if (setUp) return setUp;
  const program = (name: string): string | undefined =>
    path
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(runs);
  const found = {
    'nats-server': program('nats-server'),
    'redis-server': program('redis-server'),
    'softhsm2-util': program('softhsm2-util'),
    'libsofthsm2.so': modules.find((module) => existsSync(module)),
  };
  const missing = Object.entries(found).flatMap(([name, where]) => (where === undefined ? [name] : []));
  if (missing.length > 0) throw new Error(`${missing.join(', ')}: not on this machine; ${cure(root)}`);
  return {
    natsServer: found['nats-server'] as string,
    redisServer: found['redis-server'] as string,
    softhsmUtil: found['softhsm2-util'] as string,
    softhsmModule: found['libsofthsm2.so'] as string,
    libraryPath: '',
  };
}

const cure = (root: string): string => `run once: cd ${root} && npm start -- --once`;

/** What the set-up wrote down, while all of it is still there. */
function serversSetUp(file: string | undefined): Servers | undefined {
  try {
    const servers = readServers(file);
    const { natsServer, redisServer, softhsmModule } = servers;
    return [natsServer, redisServer, softhsmModule].every((each) => existsSync(each)) ? servers : undefined;
  } catch {
    return undefined;
  }
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
