// Which servers are here already: the machine's own first, then those that an earlier set-up unpacked.
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ask } from './commands.mjs';
import { PROGRAM_FOLDERS, SERVERS, SOFTHSM_MODULES } from './server-list.mjs';
import { atLeast, versionIn } from './versions.mjs';

/**
 * A server that was tried and answers.
 * @typedef {{ path: string, version: string, module?: string, libraryPath: string }} Found
 * @typedef {import('./server-list.mjs').ServerKey} ServerKey
 */

/**
 * @param {ServerKey} key
 * @returns {Found | undefined} the machine's own, if it is new enough
 */
export function onThisMachine(key) {
  const folders = [...new Set([...(process.env.PATH ?? '').split(delimiter), ...PROGRAM_FOLDERS])];
  const { program, also = [] } = SERVERS[key];
  for (const name of [program, ...also])
    for (const folder of folders) {
      const found = tryServer(key, join(folder, name), SOFTHSM_MODULES, '');
      if (found) return found;
    }
  return undefined;
}

/**
 * @param {ServerKey} key @param {string} tree the folder its packages were unpacked to
 * @returns {Found | undefined}
 */
export function unpackedIn(key, tree) {
  // usr/lib/chromium: what lies in usr/bin is a script that looks for its program at the root
  for (const folder of ['usr/lib/chromium', 'usr/bin', 'usr/sbin', 'bin', 'sbin']) {
    const modules = [join(tree, 'usr/lib/softhsm/libsofthsm2.so')];
    const path = join(tree, folder, SERVERS[key].program);
    const found = tryServer(key, path, modules, librariesIn(tree), join(tree, 'usr/lib/python3/dist-packages'));
    if (found) return found;
  }
  return undefined;
}

/**
 * The folders of a tree that hold shared libraries, as LD_LIBRARY_PATH wants them.
 * @param {string} tree
 */
export function librariesIn(tree) {
  const parents = ['lib', 'usr/lib'].map((folder) => join(tree, folder)).filter(existsSync);
  const folders = parents.flatMap((parent) => [
    parent,
    ...readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
      .flatMap((entry) => [join(parent, entry.name), join(parent, entry.name, 'pulseaudio')]) // Chromium asks for the latter
      .filter(existsSync),
  ]);
  return folders.filter((folder) => readdirSync(folder).some((name) => /\.so(?:\.|$)/.test(name))).join(':');
}

/** @param {ServerKey} key @param {string} version */
export function isWanted(key, version) {
  const { minimum, below } = SERVERS[key];
  return atLeast(version, minimum) && (below === undefined || !atLeast(version, below));
}

/**
 * @param {ServerKey} key @param {string} path @param {string[]} modules where SoftHSM's module may be @param {string} libraryPath
 * @param {string} [pythonPath] where the packages of a program in Python were unpacked to
 * @returns {Found | undefined}
 */
function tryServer(key, path, modules, libraryPath, pythonPath) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return undefined;
  }
  /** @type {Record<string, string>} */
  const env = {
    ...(libraryPath === '' ? {} : { LD_LIBRARY_PATH: libraryPath }),
    ...(pythonPath !== undefined && existsSync(pythonPath) ? { PYTHONPATH: pythonPath } : {}),
  };
  const answer = ask(path, [SERVERS[key].asks ?? '--version'], env);
  const version = answer.ok ? versionIn(answer.text) : undefined;
  if (version === undefined || !isWanted(key, version)) return undefined;
  if (key !== 'softhsmUtil') return { path, version, libraryPath };
  const module = modules.find((each) => existsSync(each) && moduleLoads(path, each, env));
  return module === undefined ? undefined : { path, version, module, libraryPath };
}

/** @param {string} util @param {string} module @param {Record<string, string>} env */
function moduleLoads(util, module, env) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-softhsm-'));
  try {
    const configuration = join(folder, 'softhsm2.conf');
    writeFileSync(configuration, `directories.tokendir = ${folder}\n`);
    return ask(util, ['--module', module, '--show-slots'], { ...env, SOFTHSM2_CONF: configuration }).ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
