import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { IssueSheetRequest, SHEET_PROFILE, askerOf, servedSubject, type IssueSheetReply } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { KeyService } from '../devices/key-service.js';
import { NewDevices } from '../devices/new-devices.js';
import { Plans } from '../devices/plans.js';
import { CLOCK } from '../parts.js';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Sheets of codes for somebody who will be offline. The key stays in the HSM, and the codes come out of it sealed to a
 * recipient that the key service has pinned: neither this service nor its answer shows one.
 */
@Controller()
export class SheetsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly keys: KeyService,
    private readonly devices: NewDevices,
    private readonly plans: Plans,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(servedSubject('sheet.issue'))
  async issue(
    @Payload(new ValidMessage(IssueSheetRequest)) request: IssueSheetRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<IssueSheetReply> {
    const asker = askerOf(subject);
    const { tenant } = asker;
    const account = await this.accounts.open(tenant, request.account);
    const sheet = { codes: request.count, expiresAt: this.clock.now() + request.days * DAY_MS };
    const wanted = { method: 'sheet', profile: SHEET_PROFILE, status: 'active', sheet } as const;
    const plan = await this.plans.admitted(account, asker, wanted);
    const of = { tenant, account: account.id, device: plan.id };
    const recipient = `${tenant}/${request.recipient ?? asker.caller}`;
    const { reference, sealed } = await this.keys.sheet({ ...of, codes: sheet.codes, recipient }, deadline);
    const { sequence } = await this.devices.keep(account, plan, reference, deadline);
    return { ...of, recipient, sealed, ...sheet, sequence };
  }
}
