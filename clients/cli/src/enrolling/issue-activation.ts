import type { Countersign } from '@countersign/caller';
import { EXIT } from '../exit.js';
import { timeOf } from '../screen/event-lines.js';
import { qrLines } from '../screen/qr.js';
import type { Screen } from '../screen/screen.js';
import type { EnrolParts } from './enrol-parts.js';

/** Shows an invitation that works once, for whoever brings it first. */
export async function issueActivation(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, profile, wish } = parts;
  const issued = await countersign.issueActivation({ account, ...profile, ...wish });
  const { invitation, expiresAt } = issued;
  const once = `for one device, once, until ${timeOf(expiresAt)}; show it to the account's owner alone`;
  screen.result(issued, [...qrLines(invitation), '', invitation, once]);
  screen.note('at the device: countersign device activate');
  return EXIT.ok;
}
