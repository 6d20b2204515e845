import type { Keys } from '../keys.js';
import type { Entry } from '../judge-entry.js';
import { TokenFileError } from '../token-file-error.js';
import { aegisEntries } from './aegis.js';
import { parsedJson, wholeText } from './json-file.js';
import type { Json } from './json-file.js';
import { twofasEntries } from './twofas.js';

const APPS: Record<'aegis' | '2fas', { is: (file: Json) => boolean; entries: typeof aegisEntries }> = {
  aegis: {
    is: (file) => file.get('header').value !== undefined && file.get('db').value !== undefined,
    entries: aegisEntries,
  },
  '2fas': { is: (file) => file.get('services').items !== undefined, entries: twofasEntries },
};

/** The export of an authenticator app. */
export async function* readApp(
  pieces: AsyncIterable<string>,
  keys: Keys,
  wanted?: 'aegis' | '2fas',
): AsyncGenerator<Entry> {
  const file = parsedJson(await wholeText(pieces));
  const apps = wanted === undefined ? Object.values(APPS) : [APPS[wanted]];
  const app = apps.find(({ is }) => is(file));
  if (app === undefined)
    throw new TokenFileError('unrecognised', `JSON, but no export of ${wanted ?? 'Aegis or 2FAS'}`);
  yield* await app.entries(file, keys.password);
}
