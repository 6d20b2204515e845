import { Failure, MAX_DEVICES } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { lasting, settled, type Change, type NewDevice } from './change.js';
import type { AccountEvent } from './event.js';

/** Each question is about all codes of each of them. */
export const MAX_SHEETS = 4;

/** A sheet for somebody offline, good at once, beside the others that the account has. Throws LIMIT. */
export function sheetIssued(
  { state, sequence }: Standing,
  { id, epoch, record }: Pick<NewDevice, 'id' | 'epoch' | 'record'>,
  { codes, expiresAt }: { codes: number; expiresAt: number },
  { by, at }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const living = next.devices.filter(({ status }) => status !== 'revoked');
  if (living.length >= MAX_DEVICES)
    throw new Failure('LIMIT', `an account has at most ${MAX_DEVICES} devices; revoke one first`);
  if (living.filter(({ type }) => type === 'sheet').length >= MAX_SHEETS)
    throw new Failure('LIMIT', `an account has at most ${MAX_SHEETS} sheets; revoke one first`);
  next.devices.push({ id, type: 'sheet', status: 'active', epoch, record, floor: 0, codes, expiresAt });
  return { type: 'sheet_issued', device: id, record, status: 'active', codes, expiresAt, at, by, state: next };
}
