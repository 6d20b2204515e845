// The npm packages, installed again only when what they follow from has changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { perform } from './commands.mjs';
import { abiOfNode, headersBesideNode, needAddon, needCompiler } from './compiler.mjs';
import { root } from './places.mjs';

const stampFile = join(root, 'node_modules', '.countersign-stamp');

/**
 * Not `npm ci`: a lockfile can lack optional packages for other platforms, when the registry that npm made it from did not
 * serve them, and then `npm ci` refuses it there. `npm install` takes the locked versions and fills such gaps; with --no-save
 * the lockfile stays as it is in git.
 * @param {(line: string) => void} say
 * @throws {import('./refused.mjs').Refused}
 */
export async function npmPackages(say) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp()) return;
  rmSync(stampFile, { force: true }); // an installation that is interrupted is not this one, nor the one before
  await needCompiler(say);
  say('packages: npm install (a minute the first time)');
  await perform('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: headersBesideNode(),
    meaning: 'npm install',
  });
  needAddon();
  writeFileSync(stampFile, stamp());
}

/** What the installed packages follow from: the lockfile, every package.json, and Node's ABI. */
function stamp() {
  const hash = createHash('sha256').update(abiOfNode());
  for (const file of ['package-lock.json', ...manifests()]) {
    const path = join(root, file);
    hash.update(`\n${file}\n`).update(existsSync(path) ? readFileSync(path) : '');
  }
  return hash.digest('hex');
}

/** @returns {string[]} every package.json of the workspaces, from the root's own list */
function manifests() {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -'/*'.length);
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return ['package.json', ...folders.map((folder) => `${folder}/package.json`).sort()];
}
