import {
  PairingError,
  base64urlOfBytes,
  beginPortableExchange,
  bytesFromBase64url,
  rekeyProofMessage,
  rekeySealMessageOf,
} from '@countersign/pairing/portable';
import type { Hidden } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { Carrier, Judgement } from '../carrying/device-questions.js';
import type { HeldDevice } from '../held/held-device.js';

/**
 * Gives a device its next key, inside the protection of the present one, and confirms the first code of it. Accepted, only
 * the new key works, and the present one is forgotten; rejected, only the present one. When an answer is lost, both are
 * kept, and `attest` tells which works: ask it before anything else. Throws PairingError, and what the carrier throws.
 */
export async function rekey(
  carrier: Carrier,
  device: HeldDevice,
  { random, nowMs }: { random: RandomBytes; nowMs: number },
): Promise<Judgement> {
  const { account: id, device: name } = device.description;
  const epoch = device.description.epoch + 1;
  await device.keepNext(epoch, await nextKey(carrier, device, random));
  const next = await device.next();
  if (!next) throw new PairingError('used', 'another re-key of this device was faster');
  const { code } = await next.showCode(nowMs);
  const verdict = await carrier.ask('rekey.confirm', { id, device: name, epoch, code });
  if (verdict.verdict === 'accepted') await device.settle('next');
  return verdict;
}

/** Both ends prove the present key: the device that it asks, the HSM that it answered. */
async function nextKey(carrier: Carrier, device: HeldDevice, random: RandomBytes): Promise<Hidden> {
  const { tenant, account, device: name, profile, identity } = device.description;
  if (identity === undefined)
    throw new PairingError('signature', 'this device pinned no identity key at its enrolment');
  const epoch = device.description.epoch + 1;
  const exchange = beginPortableExchange(random);
  const point = bytesFromBase64url(exchange.point, 'the own point', 65);
  const proof = await device.mac(rekeyProofMessage({ tenant, account, device: name, epoch, point }));
  const asked = { id: account, device: name, point: exchange.point, proof: base64urlOfBytes(proof) };
  const answer = await carrier.ask('rekey.begin', asked);
  const seal = base64urlOfBytes(await device.mac(rekeySealMessageOf(answer, point)));
  if (answer.seal !== seal) throw new PairingError('seal', 'the answer is not from the HSM that has the present key');
  return exchange.finish(answer, identity, { tenant, account, device: name, epoch, profile });
}
