import type { Countersign } from '@countersign/caller';
import { SystemClock } from '@countersign/runtime';
import { EXIT } from '../exit.js';
import { HeldDevices } from '../held-devices.js';
import type { Screen } from '../screen/screen.js';
import { enrolDevice } from './enrol-device.js';
import type { EnrolParts } from './enrol-parts.js';

/** Keeps the device in a file of the state folder and confirms its first code. */
export async function keepHere(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, folder, wish, options } = parts;
  const { description, key } = await enrolDevice(countersign, parts);
  using secret = key;
  const { tenant, device, profile } = description;
  const held = new HeldDevices(folder, options.passphraseFile);
  const file = held.keep({ tenant, account }, description, secret);
  using opened = held.open({ tenant, account }, device);
  const { code } = await opened.showCode(new SystemClock().now());
  const verdict = await countersign.confirm({ account, device, code });
  const active = verdict.verdict === 'accepted';
  if (active && wish.replaces) held.forget({ tenant, account }, wish.replaces);
  const next = profile.type === 'totp' ? ' --next' : ''; // this step's code is spent by confirming
  screen.result({ device, file, active, verdict }, [
    active
      ? `device ${device} of ${account} is active: its first code was ${screen.paint('green', 'accepted')}, and is spent`
      : `device ${device} of ${account} is pending: its first code was ${screen.paint('red', verdict.reason ?? 'rejected')}`,
    `kept in ${file}`,
    profile.type === 'ocra'
      ? `next: countersign device ocra ${account} <question>`
      : `next: countersign code ${account}${next} | countersign verify ${account}`,
  ]);
  return active ? EXIT.ok : EXIT.rejected;
}
