import { recoverySheetOf } from '../world/recovery.js';
import type { World } from '../world/world.js';
import type { Pattern } from './encodings.js';

const SHEETS = 4;
const USED = 3;

export interface Sheets {
  keys: Uint8Array[];
  /** those that somebody typed */
  codes: string[];
}

/** Sheets of recovery codes: some codes are used, used again, typed at once, and sent where no such code belongs. */
export async function useSheets(world: World): Promise<Sheets> {
  const [desk, app] = [await world.caller('desk'), await world.caller('app')];
  const { account } = await world.owner();
  const sheets: Sheets = { keys: [], codes: [] };
  while (sheets.keys.length < SHEETS) {
    const { codes, key } = await recoverySheetOf(world, desk, account);
    sheets.keys.push(key);
    for (const code of codes.slice(0, USED)) {
      sheets.codes.push(code);
      await Promise.all([1, 2].map(() => app.recover({ account, code, requestId: 'typed' })));
      await app.recover({ account, code: code.toUpperCase() });
      await app.verify({ account, code }).catch(() => undefined);
      await app.recover({ account: code, code }).catch(() => undefined);
    }
  }
  return sheets;
}

/** As people read it, and as machines hold it: 50 bits are met by chance nowhere. */
export const sheetForms = (code: string): Pattern[] =>
  [code, code.replace('-', '')]
    .flatMap((text) => [text, text.toUpperCase()])
    .map((text) => ({ canary: code, form: 'text', bytes: Buffer.from(text) }));
