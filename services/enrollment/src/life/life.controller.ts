import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { moved, type Standing } from '@countersign/account';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { DeviceRequest, askerOf, parseDeviceId, servedSubject, type DeviceReply } from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { thawed } from '../devices/thawed.js';
import { CLOCK } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';

type Move = Parameters<typeof moved>[1];

/**
 * What an operator does to a device. Once a disabling or revocation is answered no code of it is accepted: an acceptance
 * that did not see it cannot be appended (I4). A frozen account can lose devices, not gain them back.
 */
@Controller()
export class LifeController {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly policy: TenantPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(servedSubject('device.disable'))
  disable(
    @Payload(new ValidMessage(DeviceRequest)) request: DeviceRequest,
    @Ctx() context: MessageContext,
  ): Promise<DeviceReply> {
    return this.move('disabled', request, context);
  }

  @MessagePattern(servedSubject('device.enable'))
  enable(
    @Payload(new ValidMessage(DeviceRequest)) request: DeviceRequest,
    @Ctx() context: MessageContext,
  ): Promise<DeviceReply> {
    return this.move('enabled', request, context, thawed);
  }

  @MessagePattern(servedSubject('device.revoke'))
  revoke(
    @Payload(new ValidMessage(DeviceRequest)) request: DeviceRequest,
    @Ctx() context: MessageContext,
  ): Promise<DeviceReply> {
    return this.move('revoked', request, context);
  }

  private async move(
    move: Move,
    request: DeviceRequest,
    { subject, deadline }: MessageContext,
    permitted: (standing: Standing) => Standing = (standing) => standing,
  ): Promise<DeviceReply> {
    const { tenant, caller } = askerOf(subject);
    const device = parseDeviceId(request.device);
    const id = await this.accounts.idOf(tenant, request.account);
    const policy = move === 'enabled' ? (await this.policy.now(tenant)).policy : undefined;
    deadline.check();
    const change = (now: Standing) =>
      moved(permitted(now), move, device, { by: caller, at: this.clock.now(), ...(policy && { policy }) });
    const { state, sequence } = await this.ledger.update(tenant, id, change, deadline);
    const status = state.devices.find((each) => each.id === device)?.status ?? 'revoked';
    return { device, status, sequence };
  }
}
