import type { Countersign } from '@countersign/caller';
import { EXIT } from '../exit.js';
import { timeOf } from '../screen/event-lines.js';
import { qrLines } from '../screen/qr.js';
import type { Screen } from '../screen/screen.js';
import type { EnrolParts } from './enrol-parts.js';

/** Opens a session to pair by PIN, and shows what a desk shows: the invitation, which is no secret, and the PIN. */
export async function openPairing(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, profile, wish } = parts;
  const opened = await countersign.pairOpen({ account, ...profile, ...wish });
  const { invitation, pin, triesLeft, expiresAt } = opened;
  screen.result(opened, [
    ...qrLines(invitation),
    '',
    invitation,
    `PIN ${screen.paint('green', pin)}, to be typed on the device: ${triesLeft} tries, until ${timeOf(expiresAt)}`,
  ]);
  screen.note(`at the device: countersign device pair '${invitation}'`);
  return EXIT.ok;
}
