import { Failure, type DeviceId, type Policy } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { settled, type Change } from './change.js';
import { isSheet } from './codes.js';
import type { AccountEvent } from './event.js';
import { DAY_MS, PENDING_MS, STATE_VERSION, type AccountState, type DeviceState, type NextKey } from './state.js';

/** What can happen to a device after it was enrolled, besides what `moved` does; and the end of an account. */

/** The device whose key may be followed by another one. Undefined: none that is there, active and no sheet of codes. */
export function rekeyable(state: AccountState, id: DeviceId): DeviceState | undefined {
  return state.devices.find((device) => device.id === id && device.status === 'active' && !isSheet(device));
}

/**
 * A device's next key waits for its first code; one that waited before does so no longer. Throws NOT_FOUND when the device is
 * not active, or has another key by now than the one that this follows.
 */
export function rekeying(
  { state, sequence }: Standing,
  id: DeviceId,
  { epoch, record }: Omit<NextKey, 'expiresAt'>,
  { by, at }: Change,
): AccountEvent {
  const next = settled(state, sequence, at);
  const device = rekeyable(next, id);
  if (device === undefined || device.epoch !== epoch - 1) throw rekeyRefused();
  device.next = { epoch, record, expiresAt: at + PENDING_MS };
  return { type: 'rekeying', device: id, epoch, record, at, by, state: next };
}

/** In the same words for an account, a device and a proof, so that none of them can be told apart by asking. */
export const rekeyRefused = (): Failure =>
  new Failure('NOT_FOUND', 'there is no such device, or its present key did not prove the request');

/** Whether a device's key, of this record, has served as long as the tenant's policy lets it. */
export function rekeyDue(
  { status }: Pick<DeviceState, 'status'>,
  { at }: { at: number },
  now: number,
  { rekeyDays }: Policy,
): boolean {
  return status === 'active' && rekeyDays > 0 && now - at >= rekeyDays * DAY_MS;
}

/** Whoever the account was made for is gone: no device, no origin, nothing under way. Undefined: it is so already. */
export function erased({ state }: Standing, { by, at }: Change): AccountEvent | undefined {
  if (state.erased) return undefined;
  const { names, frozen } = state;
  const rest = { v: STATE_VERSION, names: names + 1, devices: [], erased: true } as const;
  return { type: 'erased', at, by, state: { ...rest, devices: [], ...(frozen && { frozen }) } };
}
