import type { Verdict } from '@countersign/contracts';
import type { StateFolder } from '@countersign/local';
import { SystemClock } from '@countersign/runtime';
import { HeldDevices } from '../held-devices.js';
import type { Screen } from '../screen/screen.js';
import type { Enrolled } from './enrol-device.js';

export interface KeepParts {
  account: string;
  folder: StateFolder;
  options: { passphraseFile?: string };
  confirm: (code: string) => Promise<Verdict>;
}

/** Keeps the device in a file of the state folder and confirms its first code. */
export async function keepHere(
  screen: Screen,
  { description, key }: Enrolled,
  { account, folder, options, confirm }: KeepParts,
): Promise<Verdict> {
  const { tenant, device, profile } = description;
  const held = new HeldDevices(folder, options.passphraseFile);
  const file = held.keep({ tenant, account }, description, key);
  using opened = held.open({ tenant, account }, device);
  const verdict = await confirm((await opened.showCode(new SystemClock().now())).code);
  const active = verdict.verdict === 'accepted';
  const next = profile.type === 'totp' ? ' --next' : ''; // this step's code is spent by confirming
  screen.result({ device, file, active, verdict }, [
    active
      ? `device ${device} of ${account} is active: its first code was ${screen.paint('green', 'accepted')}, and is spent`
      : `device ${device} of ${account} is pending: its first code was ${screen.paint('red', verdict.reason ?? 'rejected')}`,
    `kept in ${file}`,
    `next: countersign code ${account}${next} | countersign verify ${account}`,
  ]);
  return verdict;
}
