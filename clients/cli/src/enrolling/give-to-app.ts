import type { Countersign } from '@countersign/caller';
import { Person } from '../ask-person.js';
import { qrLines } from '../screen/qr.js';
import type { Screen } from '../screen/screen.js';
import { enrolDevice } from './enrol-device.js';
import type { EnrolParts } from './enrol-parts.js';
import { firstCode } from './first-code.js';
import { otpauthUri } from './otpauth-uri.js';

/** Shows the key as an authenticator app takes it, which is the point of this road: whoever sees the screen has the key. */
export async function giveToApp(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, tenant, options } = parts;
  const { description, key } = await enrolDevice(countersign, parts);
  using secret = key;
  const { device, profile } = description;
  const uri = otpauthUri(screen, { issuer: options.issuer ?? tenant, account, profile, secret });
  screen.result({ device, uri }, [...qrLines(uri), '', uri]);
  using person = new Person();
  const confirm = (code: string) => countersign.confirm({ account, device, code });
  return await firstCode(screen, person, { account, device, confirm });
}
