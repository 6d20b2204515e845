import { Failure, MAX_DEVICES } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { lasting, settled, type Change, type NewDevice } from './change.js';
import type { AccountEvent } from './event.js';

/**
 * A sheet of recovery codes, good at once. An account has one: the sheet before it is revoked in the same event, so that
 * whoever found that one has nothing. Throws LIMIT.
 */
export function recoveryIssued(
  { state, sequence }: Standing,
  { id, epoch, record }: Pick<NewDevice, 'id' | 'epoch' | 'record'>,
  { by, at }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const former = next.devices.find(({ type, status }) => type === 'recovery' && status !== 'revoked');
  const others = next.devices.filter((device) => device !== former);
  if (others.filter(({ status }) => status !== 'revoked').length >= MAX_DEVICES)
    throw new Failure('LIMIT', `an account has at most ${MAX_DEVICES} devices; revoke one first`);
  if (former !== undefined) {
    former.status = 'revoked';
    delete former.replay;
    others.push(former); // of the revoked ones the oldest is first
  }
  next.devices = [...others, { id, type: 'recovery', status: 'active', epoch, record, floor: 0 }];
  const replaced = former && { replaced: former.id };
  return { type: 'recovery_issued', device: id, record, status: 'active', ...replaced, at, by, state: next };
}
