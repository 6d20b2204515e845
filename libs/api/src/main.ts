import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASELINE, FOLDER, NAMES, documents, textOf } from './documents.js';

/** `npm run api` writes docs/api anew; `npm run api -- --baseline` also makes it what later changes are compared with. */
const folders = process.argv.includes('--baseline') ? [FOLDER, BASELINE] : [FOLDER];
const made = documents();
for (const folder of folders) {
  mkdirSync(folder, { recursive: true });
  for (const name of NAMES) writeFileSync(join(folder, name), await textOf(made[name]));
}
