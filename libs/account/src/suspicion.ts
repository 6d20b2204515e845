import type { Policy, Suspicion } from '@countersign/contracts';
import type { Asking } from './attempt.js';
import type { DeviceMatch } from './event.js';
import { ALTERNATION_MS, type AccountState, type DeviceState } from './state.js';
import { LOOK_BEHIND } from './window.js';

/** Signs that two hold one device's secret. None proves it: people press buttons twice and sign in on two machines. */
type Sign = Suspicion['sign'] | undefined;

/**
 * Counters that were passed over when `first` to `last` were spent, as far as they are looked at again. Not the one that
 * was ahead: its code was shown.
 */
export function passedOver({ type, floor, skipped = [], ahead }: DeviceState, first: number, last: number): number[] {
  if (type !== 'hotp') return [];
  const from = last + 1 - LOOK_BEHIND;
  const fresh = Array.from({ length: LOOK_BEHIND }, (_, index) => from + index);
  const passed = fresh.filter((each) => each >= floor && each < first && each !== ahead);
  return [...skipped.filter((counter) => counter >= from), ...passed];
}

/** A counter below the floor whose code was never used: somebody shows what another one's device has passed over. */
export const signOfReplay = ({ skipped }: DeviceState, { counter }: DeviceMatch): Sign =>
  skipped?.includes(counter) ? 'behind' : undefined;

/** This origin, another one and this again, all with codes of this device, within two minutes. */
export function signOfAcceptance(
  { origins = [], devices }: AccountState,
  { origin }: Asking,
  device: string,
  now: number,
): Sign {
  const sole = devices.length === 1 ? device : undefined;
  const lately = origins.filter((each) => (each.device ?? sole) === device && now - each.at < ALTERNATION_MS);
  const mine = lately.findIndex((each) => each.origin === origin);
  return mine >= 0 && mine < lately.length - 1 ? 'alternating' : undefined;
}

/** Does what the policy says about a sign, and what the event says of it. */
export function suspected(sign: Sign, device: DeviceState, { onSuspicion }: Policy): { suspicion?: Suspicion } {
  if (sign === undefined) return {};
  const disabled = onSuspicion === 'lock';
  if (disabled) device.status = 'disabled';
  return { suspicion: { sign, disabled } };
}
