import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { aged, rekeyDue } from '@countersign/account';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  AttestRequest,
  Failure,
  askerOf,
  parseAccountId,
  servedSubject,
  type AttestReply,
} from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { KeyService } from '../devices/key-service.js';
import { CLOCK } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';

/** Tells a device, under the identity key, that this is the platform, and which of its keys works. */
@Controller()
export class AttestController {
  constructor(
    private readonly ledger: Ledger,
    private readonly keys: KeyService,
    private readonly policy: TenantPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(servedSubject('device.attest'))
  async attest(
    @Payload(new ValidMessage(AttestRequest)) { id, device: deviceId, challenge }: AttestRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<AttestReply> {
    this.ledger.assertUsable();
    const { tenant } = askerOf(subject);
    const account = parseAccountId(id);
    const reading = await this.ledger.account(tenant, account);
    const at = this.clock.now();
    const devices = reading === undefined ? [] : aged(reading.state, reading.sequence, at).devices;
    const device = devices.find((each) => each.id === deviceId);
    if (device === undefined) throw new Failure('NOT_FOUND', 'there is no such device');
    const { epoch, status } = device;
    const said = { tenant, account, device: device.id, epoch, status, at };
    const { signature } = await this.keys.attest({ ...said, challenge }, deadline);
    const { policy } = await this.policy.now(tenant);
    const isDue = rekeyDue(device, await this.ledger.record(device.record), at, policy);
    return { ...said, signature, ...(isDue && { rekeyDue: true }) };
  }
}
