import { createHmac } from 'node:crypto';
import type { Countersign } from '@countersign/caller';
import type { BeginRekeyReply, BeginRekeyRequest } from '@countersign/contracts';
import {
  beginExchange,
  checkAttestation,
  fromBase64url,
  rekeyProofMessage,
  rekeySealMessageOf,
  toBase64url,
} from '@countersign/pairing';
import { SystemRandom } from '@countersign/runtime';
import { Device } from './device.js';

const CHALLENGE_BYTES = 32;

/** A device's part in a re-key, between its two messages. */
export interface Rekeying {
  request: BeginRekeyRequest;
  /** Checks the answer as a device does, and opens it: the device with its next key. Throws PairingError, Error. */
  finish(answer: BeginRekeyReply): Device;
}

/** What a device of the first tenant whose present key has this epoch asks for its next key with. */
export function rekeyOf(device: Device, identity: string, epoch = 1): Rekeying {
  const { accountId: id, id: own, profile, key } = device;
  const exchange = beginExchange();
  const point = fromBase64url(exchange.point, 'point');
  const macOf = (message: Uint8Array): string => createHmac(profile.algorithm, key).update(message).digest('base64url');
  const of = { tenant: 'acme', account: id, device: own, epoch: epoch + 1 };
  return {
    request: { id, device: own, point: exchange.point, proof: macOf(rekeyProofMessage({ ...of, point })) },
    finish(answer) {
      if (macOf(rekeySealMessageOf(answer, point)) !== answer.seal) throw new Error('the present key did not seal it');
      const next = exchange.finish(answer, identity, { ...of, profile: { ...profile, counter: 0 } });
      return new Device(device.account, id, own, answer.profile, Buffer.from(next.reveal()), 0);
    },
  };
}

/** Which key of a device the platform says that works, under its identity key. */
export async function attestedEpoch(relay: Countersign, { accountId, id }: Device, identity: string): Promise<number> {
  const challenge = new SystemRandom().bytes(CHALLENGE_BYTES);
  const answer = await relay.attest({ id: accountId, device: id, challenge: toBase64url(challenge) });
  checkAttestation(answer, { tenant: 'acme', account: accountId, device: id, challenge }, identity);
  return answer.epoch;
}
