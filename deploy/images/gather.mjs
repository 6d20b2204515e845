// Puts together what programs of some workspaces need to run, and nothing else: their builds and, of the packages that npm
// installed, those that they depend on.
// node deploy/images/gather.mjs <target folder> <workspace folder>...
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const [target, ...workspaces] = process.argv.slice(2);
if (target === undefined || workspaces.length === 0) throw new Error('say a target folder, and a workspace or more');

/** Of a workspace: what its package.json lists as published, without what only its tests read. */
const NOT_RUN = /\.(?:spec|suite)\.js$|\.d\.ts$|\.map$|\.tsbuildinfo$|\/testing\//;
const gathered = new Set();

/** The folder in which a package that `from` asks for lies, by Node's own way of looking. */
function found(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const there = join(folder, 'node_modules', name);
    if (existsSync(there)) return there;
    if (folder === dirname(folder)) return undefined;
  }
}

function gather(place) {
  const folder = realpathSync(place);
  if (gathered.has(folder)) return;
  gathered.add(folder);
  const { dependencies = {}, optionalDependencies = {}, files = ['dist'] } = read(folder);
  const isOurs = !folder.includes('node_modules');
  if (isOurs)
    for (const part of ['package.json', ...files.map((file) => file.split('/*')[0])]) copy(join(folder, part));
  else copy(folder, (path) => path === folder || !path.slice(folder.length).includes('/node_modules'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const there = found(name, folder);
    if (there === undefined && !(name in optionalDependencies)) throw new Error(`${folder} needs ${name}`);
    if (there === undefined) continue;
    if (lstatSync(there).isSymbolicLink()) link(there); // a workspace of ours
    gather(there);
  }
}

const read = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function copy(from, fits = (path) => !NOT_RUN.test(path) && !/\/src\/.*\.ts$/.test(path)) {
  if (!existsSync(from)) return;
  const options = { recursive: true, verbatimSymlinks: true, filter: fits };
  cpSync(from, join(target, relative(root, from)), options);
}

function link(from) {
  const to = join(target, relative(root, from));
  if (lstatSync(to, { throwIfNoEntry: false })) return;
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(readlinkSync(from), to);
}

for (const workspace of workspaces) gather(join(root, workspace));
cpSync(join(root, 'package.json'), join(target, 'package.json'));
