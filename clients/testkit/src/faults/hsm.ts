import { renameSync } from 'node:fs';
import type { Platform } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import type { Mend } from './fault.js';

/** key-derivation leaves an HSM alone for a second after it could not be reached; the first question then finds it. */
const LEFT_ALONE_MS = 1_100;

/** Takes the token's files away from under the service that holds it. */
export async function hsmGone({ folder }: Platform): Promise<Mend> {
  const away = `${folder.hsmTokens()}.away`;
  renameSync(folder.hsmTokens(), away);
  return async () => {
    renameSync(away, folder.hsmTokens());
    await sleep(LEFT_ALONE_MS);
  };
}
