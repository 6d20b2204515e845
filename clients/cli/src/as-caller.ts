import { connectCaller, type Countersign } from '@countersign/caller';
import type { Verb } from '@countersign/contracts';
import { callerCredentials, callerFor, type CallerCredentials } from '@countersign/local';
import { Log } from '@countersign/runtime';
import { folderOf, type AskingOptions } from './shared-options.js';

const TIMEOUT_MS = 10_000;
export const SILENT = new Log('cli', 'error', () => undefined);

export const connected = (credentials: CallerCredentials): Promise<Countersign> =>
  connectCaller({ ...credentials, timeoutMs: TIMEOUT_MS, log: SILENT });

/**
 * Connects as the caller named by --caller, else as the tenant's first caller whose role may ask `verb`; runs `work` and
 * closes. Throws what `work` throws, and Failure when there is no connection.
 */
export async function asCaller<T>(
  options: AskingOptions,
  verb: Verb,
  work: (countersign: Countersign, credentials: CallerCredentials) => Promise<T>,
): Promise<T> {
  const folder = folderOf(options);
  const credentials =
    options.caller === undefined
      ? callerFor(folder, options.tenant, verb)
      : callerCredentials(folder, options.tenant, options.caller);
  const countersign = await connected(credentials);
  try {
    return await work(countersign, credentials);
  } finally {
    await countersign.close();
  }
}
