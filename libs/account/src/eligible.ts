import type { DeviceType, FailureCode } from '@countersign/contracts';
import type { Attempt } from './attempt.js';
import type { AccountState, DeviceState } from './state.js';
import { MAX_GUESS_WIDTH, guessWidth } from './window.js';

/** Which devices may judge an attempt, decided without looking at the code. */
export type Eligible =
  { kind: 'devices'; devices: DeviceState[] } | { kind: 'fail'; code: FailureCode; detail: string };

export function eligible(state: AccountState, attempt: Attempt, now: number): Eligible {
  return attempt.verb === 'verify' ? active(state, attempt) : pending(state, attempt, now);
}

/** The active device that the request names; without a name, all but those that are named only. */
function active(state: AccountState, attempt: Attempt): Eligible {
  const devices = state.devices.filter(
    ({ id, status, namedOnly }) =>
      status === 'active' && (attempt.device === undefined ? namedOnly !== true : id === attempt.device),
  );
  return { kind: 'devices', devices };
}

/** The pending device that is to be confirmed: eligible there and nowhere else. */
function pending(state: AccountState, attempt: Attempt, now: number): Eligible {
  const device = state.devices.find(({ id }) => id === attempt.device);
  if (device === undefined) return fail('NOT_FOUND', 'the account has no such device');
  if (device.status !== 'pending') return fail('CONFLICT', `the device is ${device.status}, not pending`);
  if ((device.expiresAt ?? 0) <= now)
    return fail('NOT_FOUND', 'the device waited too long for its first code; enrol it again');
  if (!fits(state, device))
    return fail('LIMIT', `one guess could hit more than ${MAX_GUESS_WIDTH} codes; enrol it named only`);
  return { kind: 'devices', devices: [device] };
}

const fail = (code: FailureCode, detail: string): Eligible => ({ kind: 'fail', code, detail });

/** Whether `device`, once active, keeps the codes that one unnamed guess could hit within bounds. */
export function fits(state: AccountState, device: Pick<DeviceState, 'id' | 'type' | 'namedOnly'>): boolean {
  if (device.namedOnly) return true;
  const others = state.devices.filter(
    ({ id, status, namedOnly }) => status === 'active' && namedOnly !== true && id !== device.id,
  );
  const width = (sum: number, { type }: { type: DeviceType }): number => sum + guessWidth(type);
  return [...others, device].reduce(width, 0) <= MAX_GUESS_WIDTH;
}
