import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { isPublicKeys } from '@countersign/contracts';
import type { PublicKeys } from '@countersign/contracts';

/** What an earlier ceremony wrote; undefined when there was none. Throws when the file holds anything else. */
export function readPublicFile(path: string): PublicKeys | undefined {
  if (!existsSync(path)) return undefined;
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isPublicKeys(value)) throw new Error(`${path} is not a file of public keys`);
  return value;
}

/** Writes the file whole or not at all, and never over one that exists (throws EEXIST). */
export function writePublicFile(path: string, keys: PublicKeys): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, JSON.stringify(keys, null, 2) + '\n', { mode: 0o644 });
  try {
    linkSync(draft, path);
  } finally {
    unlinkSync(draft);
  }
}

/** The names of what differs, for people. Ed25519 signs the same message the same way, so all of it compares. */
export function differences(one: PublicKeys, other: PublicKeys): string[] {
  const flat = (keys: PublicKeys): Record<string, string> => ({
    identity: keys.identity,
    audit: keys.audit,
    import: keys.import.point,
    'import.signature': keys.import.signature,
    ...keys.checkValues,
  });
  const [left, right] = [flat(one), flat(other)];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => left[name] !== right[name]);
}
