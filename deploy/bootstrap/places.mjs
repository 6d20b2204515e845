// Where the set-up reads and writes. Nothing outside the clone is touched, except a compiler that root asks for.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** All local state; not in git. */
export const stateFolder = join(root, '.countersign');

/** Unpacked servers, one folder each. */
export const runtimeFolder = join(stateFolder, 'runtime');

/** The paths of the servers in use, as JSON: what services, tests and the cli read. */
export const serversFile = join(runtimeFolder, 'servers.json');
