import { DEFAULT_POLICY, Failure, type DeviceId } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { lasting, moved, settled, type Change } from './change.js';
import type { AccountEvent } from './event.js';
import {
  MAX_ACTIVATIONS,
  USED_MS,
  minuteOf,
  type AccountState,
  type Activation,
  type OpenActivation,
  type UsedActivation,
} from './state.js';

/** A one-time invitation to activate a device. One that was open before ends: its token does nothing any more. Throws NOT_FOUND. */
export function activationIssued(
  { state, sequence }: Standing,
  promised: Omit<OpenActivation, 'status'>,
  { by, at }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const used = (next.activations ?? []).filter(({ status }) => status === 'used');
  next.activations = [...used.slice(1 - MAX_ACTIVATIONS), { status: 'open', ...promised }];
  return { type: 'activation_issued', expiresAt: promised.expiresAt, at, by, state: next };
}

/** What a token promises, if it is open. */
export function openActivation({ state, sequence }: Standing, digest: string, at: number): OpenActivation | undefined {
  const activation = known(settled(state, sequence, at), digest);
  return activation?.status === 'open' ? activation : undefined;
}

/**
 * Somebody brought a token. The first time it is spent for `device`, whose key is made only then. Any other time is a
 * second use: written down, once a minute, and by the tenant's policy the end of what the first use made or is about to
 * make. Undefined: a second use that adds nothing. Throws NOT_FOUND for a token that is not known, or not any more.
 */
export function activationPresented(
  { state, sequence }: Standing,
  digest: string,
  device: DeviceId,
  change: Change,
): AccountEvent | undefined {
  const { by, at } = change;
  const next = settled(state, sequence, at);
  const activation = known(next, digest);
  if (activation === undefined) throw invitationUnknown();
  if (activation.status === 'used') return presentedAgain({ state: next, sequence }, activation, change);
  note(next, { status: 'used', digest, device, expiresAt: at + USED_MS });
  return { type: 'activation_redeemed', device, at, by, state: next };
}

/** Whether the token was spent for this device, and no second use forbids to make it. */
export function activationHolds(
  { state }: Standing,
  digest: string,
  device: DeviceId,
  policy = DEFAULT_POLICY,
): boolean {
  const activation = known(state, digest);
  if (activation?.status !== 'used' || activation.device !== device) return false;
  return activation.again === undefined || policy.onTokenReuse === 'tell';
}

/** The one answer for every token that gives nothing: unknown, superseded, out of time, used, another tenant's. */
export const invitationUnknown = (): Failure =>
  new Failure('NOT_FOUND', 'this invitation cannot be used, or not any more; ask for another one');

function presentedAgain(standing: Standing, activation: UsedActivation, change: Change): AccountEvent | undefined {
  const { by, at, policy = DEFAULT_POLICY } = change;
  const { device } = activation;
  const status = standing.state.devices.find(({ id }) => id === device)?.status;
  const disabled =
    policy.onTokenReuse === 'disable' &&
    (status === undefined ? activation.again === undefined : status === 'active' || status === 'pending');
  if (!disabled && activation.again === minuteOf(at)) return undefined;
  const move = status === 'pending' ? 'revoked' : 'disabled';
  const moves = disabled && status !== undefined ? moved(standing, move, device, change) : undefined;
  const next = moves?.state ?? settled(standing.state, standing.sequence, at);
  note(next, { ...activation, again: minuteOf(at) });
  return { type: 'activation_reused', device, disabled, at, by, state: next };
}

const known = ({ activations }: AccountState, digest: string): Activation | undefined =>
  activations?.find((each) => each.digest === digest);

/** In the place of what was known of the token before. */
function note(state: AccountState, noted: UsedActivation): void {
  state.activations = (state.activations ?? []).map((each) => (each.digest === noted.digest ? noted : each));
}
