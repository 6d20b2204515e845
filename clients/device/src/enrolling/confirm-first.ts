import type { Carrier, Judgement } from '../carrying/device-questions.js';
import type { HeldDevice } from '../held/held-device.js';

/**
 * Has the first code of a pending device confirmed; accepted, the device is active and the code is spent. May be asked
 * again when the answer got lost: a code that was accepted is then `replayed`. Throws what the carrier throws.
 */
export async function confirmFirst(carrier: Carrier, device: HeldDevice, nowMs: number): Promise<Judgement> {
  const { account: id, device: name } = device.description;
  const { code } = await device.showCode(nowMs);
  return carrier.ask('device.confirm', { id, device: name, code });
}
