// From a fresh clone to everything built and every server at hand. Each step says what it does and does only what changed.
import { join } from 'node:path';
import { perform } from './commands.mjs';
import { npmPackages } from './npm-packages.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { root, stateFolder } from './places.mjs';
import { Refused } from './refused.mjs';
import { needServers } from './servers.mjs';
import { refusalOfNode } from './versions.mjs';

const OLDEST_NODE = '20.12';

/**
 * @param {{ say: (line: string) => void, tests: boolean }} options `tests`: also what only tests need
 * @returns {Promise<import('./servers.mjs').Servers>} the same that is in .countersign/runtime/servers.json
 * @throws {Refused} with what to do, when this machine lacks something that cannot be fetched
 */
export async function setUp({ say, tests }) {
  const refusal = refusalOfNode(process.versions.node, OLDEST_NODE);
  if (refusal) throw new Refused(refusal);
  return oneAtATime(join(stateFolder, 'set-up.lock'), { say }, async () => {
    await npmPackages(say);
    const servers = await needServers({ say, tests });
    await build(say);
    return servers;
  });
}

/** Builds what changed: a second when nothing did. @param {(line: string) => void} say */
async function build(say) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const text = await perform(process.execPath, [tsc, '-b', '--verbose'], { cwd: root, meaning: 'the build' });
  const built = text.match(/Building project/g)?.length ?? 0;
  if (built > 0) say(`build: ${built} ${built === 1 ? 'package' : 'packages'}`);
}
