import {
  DEFAULT_POLICY,
  Failure,
  MAX_DEVICES,
  POLICY_RANGES,
  type DeviceId,
  type KeyType,
  type Policy,
} from '@countersign/contracts';
import type { AccountEvent } from './event.js';
import type { Standing } from './attempt.js';
import { fits } from './eligible.js';
import { DAY_MS, PENDING_MS, aged, newAccount, type AccountState, type DeviceState } from './state.js';
import { MAX_GUESS_WIDTH } from './window.js';

/** Who asks for a change, and when (ms since 1970). */
export interface Change {
  by: string;
  at: number;
  /** the tenant's; absent: the defaults */
  policy?: Policy;
}

/** A key whose record is already in the ledger. */
export interface NewDevice {
  id: DeviceId;
  type: KeyType;
  epoch: number;
  record: number;
  /** the lowest counter that may be accepted */
  floor: number;
  namedOnly: boolean;
  /** it comes by pairing with a PIN */
  paired?: true;
  /** revoked when this one is active */
  replaces?: DeviceId;
}

/** A change does not judge: what the longest policy counts stays. */
export const settled = (state: AccountState, sequence: number, at: number): AccountState =>
  aged(state, sequence, at, POLICY_RANGES.originDays[1]);

export const created = ({ by, at }: Change): AccountEvent => ({ type: 'created', at, by, state: newAccount() });

/** A device that waits for its first code. Throws LIMIT, CONFLICT. */
export const enrolled = (standing: Standing, device: NewDevice, change: Change): AccountEvent =>
  added(standing, 'enrolled', device, 'pending', change);

/** What a new device waits for. first-use: the first code that any verification accepts, for as long as the policy says. */
export type Beginning = 'pending' | 'first-use' | 'active';

/** A device with a seed from elsewhere; it begins as the operator says. Throws LIMIT, CONFLICT. */
export const imported = (standing: Standing, device: NewDevice, beginning: Beginning, change: Change): AccountEvent =>
  added(standing, 'imported', device, beginning, change);

function added(
  { state, sequence }: Standing,
  type: 'enrolled' | 'imported',
  { namedOnly, ...device }: NewDevice,
  beginning: Beginning,
  { by, at, policy = DEFAULT_POLICY }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const { id, record, replaces } = device;
  if (next.devices.some((each) => each.id === id))
    throw new Failure('CONFLICT', `the account has a device ${id} already`);
  if (next.devices.filter((each) => each.status !== 'revoked').length >= MAX_DEVICES)
    throw new Failure('LIMIT', `an account has at most ${MAX_DEVICES} devices; revoke one first`);
  if (device.paired && pairedIn(next) >= policy.pairedDevices)
    throw new Failure('LIMIT', `an account has at most ${policy.pairedDevices} paired devices; revoke one first`);
  const status = beginning === 'active' ? 'active' : 'pending';
  const entry: DeviceState = { ...device, status };
  if (namedOnly) entry.namedOnly = true;
  if (beginning === 'pending') entry.expiresAt = at + PENDING_MS;
  else if (!fits(next, besides(entry, beginning), at, policy)) throw tooWide();
  if (beginning === 'first-use') Object.assign(entry, { firstUse: true, expiresAt: at + policy.firstUseDays * DAY_MS });
  next.devices.push(entry);
  const replaced = status === 'active' ? replace(next, entry) : replaces !== undefined && { replaces };
  const firstUse = beginning === 'first-use' && { firstUse: true as const };
  return { type, device: id, record, status, ...firstUse, ...replaced, at, by, state: next };
}

/** What waits for its first use is judged beside the device that it will replace: both need room. */
function besides(device: DeviceState, beginning: Beginning): DeviceState {
  const { replaces: _replaces, ...alone } = device;
  return beginning === 'first-use' ? alone : device;
}

/** An active device takes the place of the one that it replaces, if that is there still. */
export function replace(state: AccountState, device: DeviceState): { replaced?: DeviceId } {
  const { replaces } = device;
  delete device.replaces;
  const before = state.devices.find(({ id, status }) => id === replaces && status !== 'revoked');
  if (before === undefined) return {};
  revoke(state, before);
  return { replaced: before.id };
}

/** Revoked, and the last in the list: of the revoked ones the oldest is forgotten first. */
function revoke(state: AccountState, device: DeviceState): void {
  end(device, 'revoked');
  state.devices = [...state.devices.filter((each) => each !== device), device];
}

/** What was under way with a device ends with what it was. */
function end(device: DeviceState, status: DeviceState['status']): void {
  device.status = status;
  for (const ended of ['expiresAt', 'firstUse', 'replaces', 'next', 'replay', 'ahead'] as const) delete device[ended];
}

/** Throws NOT_FOUND for an account that was erased: nobody has it any more. */
export function lasting(state: AccountState): AccountState {
  if (state.erased) throw new Failure('NOT_FOUND', 'there is no such account');
  return state;
}

const pairedIn = ({ devices }: AccountState): number =>
  devices.filter(({ paired, status }) => paired && status !== 'revoked').length;

const tooWide = (): Failure =>
  new Failure('LIMIT', `one guess could hit more than ${MAX_GUESS_WIDTH} codes; make the device named only`);

const MOVES = {
  disabled: { from: ['active', 'disabled'], to: 'disabled' },
  enabled: { from: ['disabled'], to: 'active' },
  revoked: { from: ['pending', 'active', 'disabled'], to: 'revoked' },
} as const;

/**
 * Disables, enables or revokes. Undefined: it is so already. Disabling is written down all the same: the state may be
 * that of a leader deposed before somebody enabled the device again, and only an append would tell (I4).
 * Throws NOT_FOUND, CONFLICT, LIMIT.
 */
export function moved(
  { state, sequence }: Standing,
  type: keyof typeof MOVES,
  id: DeviceId,
  { by, at, policy = DEFAULT_POLICY }: Change,
): AccountEvent | undefined {
  const next = settled(state, sequence, at);
  const device = next.devices.find((each) => each.id === id);
  if (device === undefined) throw new Failure('NOT_FOUND', 'the account has no such device');
  const { from, to } = MOVES[type];
  if (device.status === to && type !== 'disabled') return undefined;
  if (!(from as readonly string[]).includes(device.status))
    throw new Failure('CONFLICT', `the device is ${device.status}; only ${from.join(', ')} devices can be ${type}`);
  if (to === 'active' && !fits(next, device, at, policy)) throw tooWide();
  if (to === 'revoked') revoke(next, device);
  else end(device, to);
  return { type, device: id, at, by, state: next };
}

/** Both budgets start anew. Throws NOT_FOUND. */
export function unlocked({ state, sequence }: Standing, { by, at }: Change): AccountEvent {
  const { known: _known, unknown: _unknown, ...rest } = settled(lasting(state), sequence, at);
  return { type: 'unlocked', at, by, state: rest };
}

/** Names are about to change: what anybody remembers of them ends here, and nothing is remembered until `renamed`. */
export function renaming({ state, sequence }: Standing, { by, at }: Change): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const open = (next.renaming?.open ?? 0) + 1;
  return { type: 'renaming', at, by, state: { ...next, names: next.names + 1, renaming: { open, at } } };
}

/** Names have changed: so many came and went. Another change under way keeps its own mark. */
export function renamed(
  { state, sequence }: Standing,
  { added, removed }: { added: number; removed: number },
  { by, at }: Change,
): AccountEvent {
  const { renaming: mark, ...rest } = settled(state, sequence, at);
  const next: AccountState = { ...rest, names: rest.names + 1 };
  if (mark !== undefined && mark.open > 1) next.renaming = { ...mark, open: mark.open - 1 };
  return { type: 'renamed', added, removed, at, by, state: next };
}

/** Two events named the same predecessor: nothing is accepted any more. Undefined: it is so already. */
export function frozen(
  { state, sequence }: Standing,
  sequences: [number, number],
  { by, at }: Change,
): AccountEvent | undefined {
  if (state.frozen) return undefined;
  return { type: 'frozen', sequences, at, by, state: { ...settled(state, sequence, at), frozen: true } };
}
