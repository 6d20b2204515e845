import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { DeviceState } from '@countersign/account';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { ReplaceRequest, askerOf, servedSubject, type ExchangeReply } from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { fromTheStart } from '../devices/from-the-start.js';
import { Plans } from '../devices/plans.js';
import { replacedIn } from '../devices/replaced.js';

/**
 * A device like another one, which is revoked when the new one is confirmed. Until then the old one works, unless
 * somebody disables it.
 */
@Controller()
export class ReplaceController {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly fresh: FreshKeys,
    private readonly plans: Plans,
  ) {}

  @MessagePattern(servedSubject('device.replace'))
  async replace(
    @Payload(new ValidMessage(ReplaceRequest)) { account: name, device, point }: ReplaceRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ExchangeReply> {
    const asker = askerOf(subject);
    checkClientPoint(point);
    const account = await this.accounts.open(asker.tenant, name);
    const replaces = replacedIn(account.reading, device);
    const before = account.reading.state.devices.find(({ id }) => id === replaces) as DeviceState;
    const { profile } = await this.ledger.record(before.record);
    const { namedOnly = false } = before;
    const alike = { method: 'exchange', profile: fromTheStart(profile), namedOnly, replaces } as const;
    const plan = await this.plans.admitted(account, asker, alike);
    return this.fresh.enrol(account, plan, point, deadline);
  }
}
