// apt without root: lists, cache and configuration of our own; the machine's trusted keys, proxies and mirrors. Nothing is
// installed and no system service is started: packages are downloaded (apt checks their signatures) and unpacked.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDeb822, parseOneLine, toDeb822 } from './apt-sources.mjs';
import { ask, perform } from './commands.mjs';
import { Refused } from './refused.mjs';
import { versionIn } from './versions.mjs';

/** @typedef {{ folder: string, configuration: string, release: string }} PrivateApt */

/** @returns {boolean} whether this machine has apt and dpkg */
export function hasApt() {
  return ask('apt-get', ['--version']).ok && ask('dpkg', ['--version']).ok;
}

/** @returns {import('./apt-sources.mjs').Source[]} what the machine's apt is configured with */
export function sourcesOfThisMachine() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  return files.flatMap((file) => {
    if (!existsSync(file)) return [];
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
    return file.endsWith('.list') ? parseOneLine(readFileSync(file, 'utf8')) : [];
  });
}

/**
 * Fetches the lists of these sources into a folder of our own.
 * @param {string} folder made anew
 * @param {import('./apt-sources.mjs').Source[]} sources
 * @param {string} release for messages
 * @returns {Promise<PrivateApt>}
 */
export async function privateApt(folder, sources, release) {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'own.sources'), toDeb822(sources));
  const configuration = join(folder, 'apt.conf');
  writeFileSync(
    configuration,
    [
      '#clear APT::Update;', // hooks of the machine are about its own lists
      '#clear Acquire::IndexTargets::deb::DEP-11;',
      '#clear DPkg::Post-Invoke;',
      `Dir::Etc::SourceList "${folder}/own.sources";`,
      'Dir::Etc::SourceParts "-";',
      `Dir::State::Lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      // as root apt would change to the user _apt, who cannot enter a clone under /root
      'APT::Sandbox::User "root";',
      '',
    ].join('\n'),
  );
  await perform('apt-get', ['-c', configuration, 'update'], { meaning: `reading the package lists of ${release}` });
  return { folder, configuration, release };
}

/**
 * @param {PrivateApt} apt @param {string} name of a package
 * @returns {string | undefined} the version that would be fetched
 */
export function candidate(apt, name) {
  const line = /Candidate: (\S+)/.exec(ask('apt-cache', ['-c', apt.configuration, 'policy', name]).text)?.[1];
  return line === undefined || line === '(none)' ? undefined : versionIn(line);
}

/**
 * Downloads packages, with the libraries that this machine lacks for them, and unpacks them.
 * @param {PrivateApt} apt @param {string[]} names @param {string} tree an empty folder to unpack to
 * @returns {Promise<void>}
 * @throws {Refused}
 */
export async function fetchAndUnpack(apt, names, tree) {
  const debs = join(apt.folder, 'debs');
  rmSync(debs, { recursive: true, force: true });
  mkdirSync(debs);
  const wanted = [...new Set([...names, ...missingLibraries(apt, names)])];
  await perform('apt-get', ['-c', apt.configuration, 'download', ...wanted], {
    cwd: debs,
    meaning: `downloading ${names[0]} from ${apt.release}`,
  });
  for (const deb of readdirSync(debs)) {
    await perform('dpkg', ['-x', join(debs, deb), tree], { meaning: `unpacking ${deb}` });
  }
}

/**
 * What apt would install beside these, asked by simulation, libraries only: their other needs (adduser, service scripts) are
 * for running as a system service. Never the C library: it belongs to the machine's loader.
 * @param {PrivateApt} apt @param {string[]} names
 */
function missingLibraries(apt, names) {
  const simulated = ask('apt-get', ['-c', apt.configuration, '-s', '--no-install-recommends', 'install', ...names]);
  if (!simulated.ok) {
    throw new Refused(
      `${simulated.text.trimEnd()}\n\napt cannot tell what ${names[0]} needs here. Install it yourself and start again:\n` +
        `  sudo apt-get install ${names[0]}`,
    );
  }
  const installs = [...simulated.text.matchAll(/^Inst (\S+)/gm)].map((match) => /** @type {string} */ (match[1]));
  return installs.filter((name) => name.startsWith('lib') && !/^libc6$|^libc-bin$/.test(name));
}
