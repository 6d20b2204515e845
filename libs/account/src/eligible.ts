import { DEFAULT_POLICY, type FailureCode, type Policy } from '@countersign/contracts';
import type { Attempt } from './attempt.js';
import type { AccountState, DeviceState, NextKey } from './state.js';
import { isSheet } from './codes.js';
import { MAX_GUESS_WIDTH, guessWidth } from './window.js';

/** Which devices may judge an attempt, decided without looking at the code. */
export type Eligible =
  { kind: 'devices'; devices: DeviceState[] } | { kind: 'fail'; code: FailureCode; detail: string };

export function eligible(state: AccountState, attempt: Attempt, now: number, policy: Policy): Eligible {
  switch (attempt.verb) {
    case 'verify':
      return judged(state, attempt, now, policy);
    case 'device.confirm':
      return pending(state, attempt, now, policy);
    case 'rekey.confirm':
      return renewed(state, attempt, now);
    case 'resync':
      return { kind: 'devices', devices: named(state, attempt, now).filter(({ type }) => type === 'hotp') };
    case 'recover':
      return { kind: 'devices', devices: active(state).filter(({ type }) => type === 'recovery') };
    case 'sheet.verify':
      return { kind: 'devices', devices: sheets(state, attempt, now) };
  }
}

/** The device that the request names; without a name, those that one guess may hit. */
function judged(state: AccountState, attempt: Attempt, now: number, policy: Policy): Eligible {
  if (attempt.device === undefined) return { kind: 'devices', devices: narrowed(unnamed(state, now), policy) };
  return { kind: 'devices', devices: named(state, attempt, now) };
}

const named = ({ devices }: AccountState, attempt: Attempt, now: number): DeviceState[] =>
  devices.filter((device) => device.id === attempt.device && counts(device, now));

const unnamed = ({ devices }: AccountState, now: number): DeviceState[] =>
  devices.filter((device) => device.namedOnly !== true && counts(device, now));

const active = ({ devices }: AccountState): DeviceState[] => devices.filter(({ status }) => status === 'active');

/** Those that have not ended; the one that the request names, where it names one. */
const sheets = (state: AccountState, { device }: Attempt, now: number): DeviceState[] =>
  active(state).filter(
    ({ id, type, expiresAt = 0 }) => type === 'sheet' && expiresAt > now && (device === undefined || id === device),
  );

/** Its codes open nothing by themselves: a sheet has a verb of its own, and an OCRA device answers a challenge's question. */
const opensNothing = (device: Pick<DeviceState, 'type'>): boolean => isSheet(device) || device.type === 'ocra';

/** Active, or becomes so with the first code that is accepted. */
const counts = (device: DeviceState, now: number): boolean => {
  const { status, firstUse, expiresAt = 0 } = device;
  return (
    !opensNothing(device) && (status === 'active' || (status === 'pending' && firstUse === true && expiresAt > now))
  );
};

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
  if (device === undefined) return fail('NOT_FOUND', nothingToConfirm('device.confirm'));
  if (device.status !== 'pending') return fail('CONFLICT', `the device is ${device.status}, not pending`);
  if ((device.expiresAt ?? 0) <= now)
    return fail('NOT_FOUND', 'the device waited too long for its first code; enrol it again');
  if (!fits(state, device, now, policy))
    return fail('LIMIT', `one guess could hit more than ${MAX_GUESS_WIDTH} codes; enrol it named only`);
  return { kind: 'devices', devices: [device] };
}

/** The device with its next key in the place of the present one: eligible there and nowhere else. */
function renewed(state: AccountState, attempt: Attempt, now: number): Eligible {
  const device = state.devices.find(({ id, status }) => id === attempt.device && status === 'active');
  const next = device?.next;
  if (device === undefined || next === undefined || next.epoch !== attempt.epoch || next.expiresAt <= now)
    return fail('NOT_FOUND', nothingToConfirm('rekey.confirm'));
  return { kind: 'devices', devices: [withNextKey(device, next)] };
}

/** A key begins at counter 0, with nothing spent; the device's clock stays as it was. */
export function withNextKey(device: DeviceState, { epoch, record }: NextKey): DeviceState {
  const { next: _next, skipped: _skipped, ahead: _ahead, replay: _replay, ...kept } = device;
  return { ...kept, epoch, record, floor: 0 };
}

/** In the same words for an account that is not there. */
export const nothingToConfirm = (verb: string): string =>
  verb === 'rekey.confirm'
    ? 'no re-key of such a device waits for this code; the present key goes on working'
    : 'the account has no such device';

const fail = (code: FailureCode, detail: string): Eligible => ({ kind: 'fail', code, detail });

/** Whether `device`, once active, keeps the codes that one unnamed guess could hit within bounds. */
export function fits(
  state: AccountState,
  device: Pick<DeviceState, 'id' | 'type' | 'namedOnly' | 'replaces'>,
  now: number,
  policy: Policy = DEFAULT_POLICY,
): boolean {
  if (device.namedOnly || opensNothing(device)) return true;
  const others = unnamed(state, now).filter(({ id }) => id !== device.id && id !== device.replaces);
  const all = [...others, device];
  return all.reduce((sum, { type }) => sum + guessWidth(type, policy), 0) <= MAX_GUESS_WIDTH;
}
