// Fetches the servers that a Debian or Ubuntu machine lacks, each into a folder of its own under .countersign/runtime.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forRelease, ownSources } from './apt-sources.mjs';
import { isWanted, unpackedIn } from './found-servers.mjs';
import { runtimeFolder } from './places.mjs';
import { candidate, fetchAndUnpack, privateApt, sourcesOfThisMachine } from './private-apt.mjs';
import { Refused } from './refused.mjs';
import { SERVERS } from './server-list.mjs';

/** @typedef {import('./server-list.mjs').ServerKey} ServerKey */

/** @param {ServerKey} key */
export function treeOf(key) {
  const { folder, program } = SERVERS[key];
  return join(runtimeFolder, folder ?? program);
}

/**
 * @param {ServerKey[]} missing
 * @param {(line: string) => void} say
 * @throws {Refused} naming what cannot be had this way
 */
export async function fetchServers(missing, say) {
  mkdirSync(runtimeFolder, { recursive: true });
  const work = mkdtempSync(join(runtimeFolder, '.apt-'));
  const removeWork = () => rmSync(work, { recursive: true, force: true });
  process.once('exit', removeWork); // Ctrl-C
  try {
    const distribution = distributionOf(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');
    const all = sourcesOfThisMachine();
    const own = ownSources(all, distribution);
    const sources = own.length > 0 ? own : all; // a derivative with repositories of its own
    const apt = await privateApt(join(work, 'own'), sources, 'this release');
    for (const key of missing) {
      const from = await releaseThatHas(key, apt, { work, own, distribution });
      say(
        `${SERVERS[key].name}: fetching it with apt from ${from.release}, into .countersign/runtime (no root, nothing installed)`,
      );
      await fetchOne(key, from, work);
    }
  } finally {
    process.off('exit', removeWork);
    removeWork();
  }
}

/**
 * @param {ServerKey} key @param {import('./private-apt.mjs').PrivateApt} apt of the machine's own release
 * @param {{ work: string, own: import('./apt-sources.mjs').Source[], distribution: 'debian' | 'ubuntu' }} where
 */
async function releaseThatHas(key, apt, { work, own, distribution }) {
  const { name, minimum, why, elsewhere } = SERVERS[key];
  const main = /** @type {string} */ (SERVERS[key].debian[0]);
  const here = candidate(apt, main);
  if (here !== undefined && isWanted(key, here)) return apt;
  if (elsewhere && distribution === 'debian' && own.length > 0) {
    const { suite, name: release } = elsewhere;
    const other = await privateApt(join(work, suite), forRelease(own, distribution, suite), release);
    const there = candidate(other, main);
    if (there !== undefined && isWanted(key, there)) return other;
  }
  throw new Refused(
    `${name} ${minimum} or newer is needed (${why}); this release has ${here ?? 'none'}.\n` +
      `Put the program ${SERVERS[key].program} on PATH and start again` +
      (key === 'natsServer' ? ' (releases: https://github.com/nats-io/nats-server/releases).' : '.'),
  );
}

/**
 * Unpacks beside the final folder, tries the program, and only then moves it into place.
 * @param {ServerKey} key @param {import('./private-apt.mjs').PrivateApt} from @param {string} work
 */
async function fetchOne(key, from, work) {
  const tree = join(work, `tree-${key}`);
  mkdirSync(tree);
  await fetchAndUnpack(from, SERVERS[key].debian, tree);
  if (!unpackedIn(key, tree)) {
    throw new Refused(
      `${SERVERS[key].name} from ${from.release} does not run on this machine. Install it yourself and start again:\n` +
        `  sudo apt-get install ${SERVERS[key].debian[0]}   (or put ${SERVERS[key].program} on PATH)`,
    );
  }
  rmSync(treeOf(key), { recursive: true, force: true });
  renameSync(tree, treeOf(key));
}

/**
 * @param {string} osRelease the text of os-release(5)
 * @returns {'debian' | 'ubuntu'} the family whose repositories it uses
 */
export function distributionOf(osRelease) {
  const value = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  return `${value('ID')} ${value('ID_LIKE')}`.split(' ').includes('ubuntu') ? 'ubuntu' : 'debian';
}
