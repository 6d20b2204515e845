import type { Countersign } from '@countersign/caller';
import type { ConfirmPairingRequest, OpenPairingReply } from '@countersign/contracts';
import {
  beginExchange,
  beginPairing,
  nodeScrypt,
  parseInvitation,
  readPin,
  type DeviceEnd,
  type PairInvitation,
} from '@countersign/pairing';
import { SystemRandom, type Secret } from '@countersign/runtime';
import { Device } from './device.js';

/** What a person reads from the one screen and types at the other. */
export type Shown = Pick<OpenPairingReply, 'invitation' | 'pin'>;

export function invitationOf({ invitation }: Pick<Shown, 'invitation'>): PairInvitation {
  const read = parseInvitation(invitation);
  if (read.kind !== 'pair') throw new Error('that invitation is for activation');
  return read;
}

/** The device's end of one try. */
export const deviceEnd = (shown: Shown): Promise<DeviceEnd<Secret>> =>
  beginPairing(invitationOf(shown), readPin(shown.pin), {
    ...{ random: new SystemRandom(), exchange: beginExchange(), scrypt: nodeScrypt },
  });

/** One try, up to the device's proof, which is still to be sent. Throws Failure, and Error for another PIN. */
export async function proofOf(
  shown: Shown,
  end: DeviceEnd<Secret>,
  relay: Countersign,
): Promise<ConfirmPairingRequest & { at: string }> {
  const { account: id, at } = invitationOf(shown);
  const judged = end.judge(await relay.pairShare({ at, id, ...end.request }));
  if (judged.kind === 'refused') throw new Error('the platform knows another PIN');
  return { at, id, ...judged.request };
}

/** The whole of a device's part. `account`: its name. */
export async function pair(shown: Shown, relay: Countersign, account: string): Promise<Device> {
  const end = await deviceEnd(shown);
  const reply = await relay.pairConfirm(await proofOf(shown, end, relay));
  const { key, profile } = end.finish(reply);
  return new Device(account, reply.account, reply.device, profile, Buffer.from(key.reveal()), profile.counter);
}
