// pkcs11js, the way to the HSM, is compiled on this machine: that takes a C++ compiler, make and Python.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, perform } from './commands.mjs';
import { root } from './places.mjs';
import { Refused } from './refused.mjs';

const TOOLS = /** @type {const} */ ([
  { command: 'g++', debian: 'g++' },
  { command: 'make', debian: 'make' },
  { command: 'python3', debian: 'python3' },
]);

/** True when the addon is there and loads in this Node (it is bound to Node's ABI). */
export function addonLoads() {
  return load().ok;
}

/** In a process of its own: a broken addon can take its process with it. */
function load() {
  return ask(process.execPath, ['-e', `require(${JSON.stringify(join(root, 'node_modules', 'pkcs11js'))})`]);
}

/**
 * Sees to it that the addon can be compiled. Asks for nothing when it is already built.
 * @param {(line: string) => void} say
 * @throws {Refused} naming the packages and the command
 */
export async function needCompiler(say) {
  if (addonLoads()) return;
  const missing = TOOLS.filter(({ command }) => !ask(command, ['--version']).ok);
  if (missing.length === 0) return;
  const names = missing.map(({ command }) => command).join(', ');
  if (process.platform === 'darwin') {
    throw new Refused(`pkcs11js is compiled here and needs ${names}. Run: xcode-select --install   and start again.`);
  }
  const packages = missing.map(({ debian }) => debian);
  if (!ask('apt-get', ['--version']).ok) {
    throw new Refused(
      `pkcs11js is compiled here and needs ${names}. Install them with your package manager and start again.`,
    );
  }
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new Refused(
      `pkcs11js is compiled here and needs ${names}. Have an administrator run this once, and start again:\n` +
        `  sudo sh -c '${command}'`,
    );
  }
  say(`compiler: installing ${packages.join(', ')} with apt-get (pkcs11js is compiled here)`);
  await perform('sh', ['-c', command], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    meaning: 'installing the compiler',
  });
}

/**
 * Node's own headers when they lie beside it, so that the compilation fetches nothing from the network.
 * @returns {Record<string, string>} environment for npm
 */
export function headersBesideNode() {
  const prefix = join(process.execPath, '..', '..');
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

/** @returns {string} the ABI that a compiled addon is bound to */
export function abiOfNode() {
  return `${process.platform}-${process.arch}-${process.versions.modules}`;
}

/**
 * @throws {Refused} when the addon does not load although npm was content
 */
export function needAddon() {
  if (addonLoads()) return;
  const why = load().text.trimEnd();
  throw new Refused(
    `${why}\n\npkcs11js was installed but does not load. Try: npm rebuild pkcs11js --foreground-scripts`,
  );
}
