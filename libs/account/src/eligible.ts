import { DEFAULT_POLICY, type FailureCode, type Policy } from '@countersign/contracts';
import type { Attempt } from './attempt.js';
import type { AccountState, DeviceState } from './state.js';
import { MAX_GUESS_WIDTH, guessWidth } from './window.js';

/** Which devices may judge an attempt, decided without looking at the code. */
export type Eligible =
  { kind: 'devices'; devices: DeviceState[] } | { kind: 'fail'; code: FailureCode; detail: string };

export function eligible(state: AccountState, attempt: Attempt, now: number, policy: Policy): Eligible {
  switch (attempt.verb) {
    case 'verify':
      return active(state, attempt, policy);
    case 'device.confirm':
      return pending(state, attempt, now, policy);
    case 'resync':
      return { kind: 'devices', devices: named(state, attempt).filter(({ type }) => type === 'hotp') };
    case 'recover':
      return { kind: 'devices', devices: state.devices.filter(isSheet).filter(({ status }) => status === 'active') };
  }
}

/** The active device that the request names; without a name, those that one guess may hit. */
function active(state: AccountState, attempt: Attempt, policy: Policy): Eligible {
  if (attempt.device === undefined) return { kind: 'devices', devices: narrowed(unnamed(state), policy) };
  return { kind: 'devices', devices: named(state, attempt) };
}

const named = ({ devices }: AccountState, attempt: Attempt): DeviceState[] =>
  showing(devices).filter(({ id }) => id === attempt.device);

const unnamed = ({ devices }: AccountState): DeviceState[] =>
  showing(devices).filter(({ namedOnly }) => namedOnly !== true);

const isSheet = ({ type }: Pick<DeviceState, 'type'>): boolean => type === 'recovery';

/** The active ones, without a sheet of recovery codes: that opens nothing but `recover`. */
const showing = (devices: DeviceState[]): DeviceState[] =>
  devices.filter((device) => device.status === 'active' && !isSheet(device));

/**
 * Devices are activated only where they fit, but a later policy may have wider windows: then the oldest ones that fit
 * are judged, and the others when they are named.
 */
function narrowed(devices: DeviceState[], policy: Policy): DeviceState[] {
  let width = 0;
  return devices.filter(({ type }) => (width += guessWidth(type, policy)) <= MAX_GUESS_WIDTH);
}

/** The pending device that is to be confirmed: eligible there and nowhere else. */
function pending(state: AccountState, attempt: Attempt, now: number, policy: Policy): Eligible {
  const device = state.devices.find(({ id }) => id === attempt.device);
  if (device === undefined) return fail('NOT_FOUND', 'the account has no such device');
  if (device.status !== 'pending') return fail('CONFLICT', `the device is ${device.status}, not pending`);
  if ((device.expiresAt ?? 0) <= now)
    return fail('NOT_FOUND', 'the device waited too long for its first code; enrol it again');
  if (!fits(state, device, policy))
    return fail('LIMIT', `one guess could hit more than ${MAX_GUESS_WIDTH} codes; enrol it named only`);
  return { kind: 'devices', devices: [device] };
}

const fail = (code: FailureCode, detail: string): Eligible => ({ kind: 'fail', code, detail });

/** Whether `device`, once active, keeps the codes that one unnamed guess could hit within bounds. */
export function fits(
  state: AccountState,
  device: Pick<DeviceState, 'id' | 'type' | 'namedOnly'>,
  policy: Policy = DEFAULT_POLICY,
): boolean {
  if (device.namedOnly || isSheet(device)) return true;
  const all = [...unnamed(state).filter(({ id }) => id !== device.id), device];
  return all.reduce((sum, { type }) => sum + guessWidth(type, policy), 0) <= MAX_GUESS_WIDTH;
}
