import { publicNkeyIn } from '@countersign/local';

/** The public nkey of the seed in a file; undefined when there is none, or none that can be read. */
export function nkeyOf(path: string): string | undefined {
  try {
    return publicNkeyIn(path);
  } catch {
    return undefined;
  }
}
