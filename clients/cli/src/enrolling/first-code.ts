import type { Verdict } from '@countersign/contracts';
import type { Person } from '../ask-person.js';
import { EXIT } from '../exit.js';
import type { Screen } from '../screen/screen.js';
import { showVerdict } from '../verdict-lines.js';

export interface FirstCode {
  account: string;
  device: string;
  confirm: (code: string) => Promise<Verdict>;
}

/** At a terminal: asks for the first code that the device shows, and confirms it. Else `device confirm` is named. */
export async function firstCode(
  screen: Screen,
  person: Person,
  { account, device, confirm }: FirstCode,
): Promise<number> {
  if (screen.json || !person.isThere) {
    screen.note(`next, within 15 minutes: countersign device confirm ${account} ${device}`);
    return EXIT.ok;
  }
  return showVerdict(screen, await confirm(await person.ask('The code that the device shows now: ')));
}
