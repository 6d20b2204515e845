import {
  aged,
  closure,
  codesLeft,
  isSheet,
  rekeyDue,
  type AccountState,
  type Bucket,
  type DeviceRecord,
  type Standing,
} from '@countersign/account';
import type { AccountReply, DeviceView, Policy } from '@countersign/contracts';

type BudgetView = AccountReply['budgets']['known'];

/** What an enroller sees of an account's budgets. `now` in ms since 1970. */
export function budgetsView({ known, unknown }: AccountState, now: number, policy: Policy): AccountReply['budgets'] {
  return { known: budgetView(known, now, policy), unknown: budgetView(unknown, now, policy) };
}

function budgetView(bucket: Bucket | undefined, now: number, policy: Policy): BudgetView {
  const wrong = bucket?.wrong ?? 0;
  const closed = closure(bucket, now, policy);
  switch (closed.kind) {
    case 'open':
      return { wrong };
    case 'wait':
      return { wrong, closedUntil: closed.untilMs };
    case 'operator':
      return { wrong, closedUntil: 'operator' };
  }
}

/** The account's devices without those that waited too long; `recordAt` reads a device's record. */
export function deviceViews(
  { state, sequence }: Standing,
  now: number,
  policy: Policy,
  recordAt: (sequence: number) => Promise<Pick<DeviceRecord, 'profile' | 'at'>>,
): Promise<DeviceView[]> {
  const views = aged(state, sequence, now).devices.map(async (device): Promise<DeviceView> => {
    const { id, status, epoch, expiresAt, firstUse, next, namedOnly = false } = device;
    const record = await recordAt(device.record);
    return {
      ...{ device: id, status, epoch, profile: record.profile, namedOnly },
      ...(isSheet(record.profile) && { codesLeft: codesLeft(device) }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(firstUse && { firstUse }),
      ...(next && { next: { epoch: next.epoch, expiresAt: next.expiresAt } }),
      ...(rekeyDue(device, record, now, policy) && { rekeyDue: true as const }),
    };
  });
  return Promise.all(views);
}
