import { aged, closure, codesLeft, type AccountState, type Bucket, type Standing } from '@countersign/account';
import type { AccountReply, DeviceView, KeyProfile, Policy } from '@countersign/contracts';

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

/** The account's devices without those that waited too long; `profileAt` reads a device's record. */
export function deviceViews(
  { state, sequence }: Standing,
  now: number,
  profileAt: (recordSequence: number) => Promise<KeyProfile>,
): Promise<DeviceView[]> {
  const views = aged(state, sequence, now).devices.map(async (device): Promise<DeviceView> => {
    const { id, status, epoch, expiresAt, namedOnly = false } = device;
    const profile = await profileAt(device.record);
    return {
      ...{ device: id, status, epoch, profile, namedOnly },
      ...(profile.type === 'recovery' && { codesLeft: codesLeft(device) }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
  });
  return Promise.all(views);
}
