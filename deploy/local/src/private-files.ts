import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const ONLY_OWNER_FILE = 0o600;
const ONLY_OWNER_FOLDER = 0o700;

export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: ONLY_OWNER_FOLDER });
  return path;
}

/** Writes the whole file or nothing of it: a crash in between leaves the old one. */
export function writePrivate(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, { mode: ONLY_OWNER_FILE, flush: true });
  renameSync(draft, path);
}

/** Makes the file once; later calls leave it as it is. */
export function makeOnce(path: string, content: () => string | Uint8Array): void {
  if (!existsSync(path)) writePrivate(path, content());
}

/** Undefined when there is no such file. Throws SyntaxError for one that is not JSON. */
export function readJson<T>(path: string): T | undefined {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
