import type { Countersign } from '@countersign/caller';
import type { Verb } from '@countersign/contracts';
import type { Screen } from '../screen/screen.js';
import type { EnrolParts } from './enrol-parts.js';
import { giveToApp } from './give-to-app.js';
import { issueActivation } from './issue-activation.js';
import { keepHere } from './keep-here.js';
import { openPairing } from './pair-by-pin.js';
import { inTwoSteps } from './two-step.js';

/** How a device comes by its key: the verb that begins it, and what is done here. Returns the exit status. */
export interface Method {
  verb: Verb;
  run: (screen: Screen, countersign: Countersign, parts: EnrolParts) => Promise<number>;
}

/** The device stays pending until its first code is confirmed, which each method sees to. */
export const DEVICE_METHODS = {
  here: { verb: 'enroll.exchange', run: keepHere },
  otpauth: { verb: 'enroll.exchange', run: giveToApp },
  pin: { verb: 'pair.open', run: openPairing },
  activation: { verb: 'activation.issue', run: issueActivation },
  'two-step': { verb: 'device.import', run: inTwoSteps },
} as const satisfies Record<string, Method>;

export type DeviceMethod = keyof typeof DEVICE_METHODS;

/** For a command's help. */
export const DEVICE_METHODS_HELP = `
Methods:
  here        a file in the state folder, its first code confirmed at once
  otpauth     an authenticator app: the otpauth URI and its QR code, which hold the secret
  pin         a device that scans the invitation and is given the PIN: countersign device pair
  activation  a device that scans the invitation, which works once: countersign device activate
  two-step    an app that adds a part of its own, typed here, as privacyIDEA's apps do; or: countersign device two-step`;
