import { renameSync } from 'node:fs';
import type { Platform } from '@countersign/local';
import type { Mend } from './fault.js';

/** Takes the token's files away from under the service that holds it. */
export async function hsmGone({ folder }: Platform): Promise<Mend> {
  const away = `${folder.hsmTokens()}.away`;
  renameSync(folder.hsmTokens(), away);
  return async () => renameSync(away, folder.hsmTokens());
}
