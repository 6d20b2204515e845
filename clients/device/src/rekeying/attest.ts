import { CHALLENGE_BYTES, PairingError, base64urlOfBytes, checkAttestation } from '@countersign/pairing/portable';
import type { Attested } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Carrier } from '../carrying/device-questions.js';
import type { HeldDevice } from '../held/held-device.js';

/** How a device stands, signed. `rekeyDue` is a hint, which is not signed. */
export type Standing = Attested & { rekeyDue?: true };

/**
 * Asks who is at the other end, with a fresh challenge, and how this device stands there: only the platform whose identity
 * key was pinned at enrolment can answer. When a re-key was interrupted, the signed epoch says which key works: that one
 * stays, and the other is gone. Throws PairingError for an answer that does not fit, and for a device without such a key.
 */
export async function attest(carrier: Carrier, device: HeldDevice, random: RandomBytes): Promise<Standing> {
  const { tenant, account, device: name, identity } = device.description;
  if (identity === undefined)
    throw new PairingError('signature', 'this device pinned no identity key at its enrolment');
  const challenge = random.bytes(CHALLENGE_BYTES);
  const asked = { id: account, device: name, challenge: base64urlOfBytes(challenge) };
  const answer = await carrier.ask('device.attest', asked);
  checkAttestation(answer, { tenant, account, device: name, challenge }, identity);
  const next = await device.next();
  if (next?.description.epoch === answer.epoch) await device.settle('next');
  return answer;
}
