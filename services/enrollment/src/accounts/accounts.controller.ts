import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { DeviceRecord } from '@countersign/account';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  AccountNamesRequest,
  AccountRequest,
  CreateAccountRequest,
  askerOf,
  servedSubject,
  type AccountNamesReply,
  type AccountReply,
  type CreateAccountReply,
  type DeviceListReply,
} from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { CLOCK } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';
import { budgetsView, deviceViews } from './account-view.js';
import { Accounts } from './accounts.js';
import { ChangeNames } from './change-names.js';
import { CreateAccount } from './create-account.js';

/** Accounts: made, and shown to those who look after them. */
@Controller()
export class AccountsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly creating: CreateAccount,
    private readonly naming: ChangeNames,
    private readonly ledger: Ledger,
    private readonly policy: TenantPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(servedSubject('account.create'))
  create(
    @Payload(new ValidMessage(CreateAccountRequest)) { names }: CreateAccountRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<CreateAccountReply> {
    return this.creating.create(askerOf(subject), names, deadline);
  }

  @MessagePattern(servedSubject('account.names'))
  names(
    @Payload(new ValidMessage(AccountNamesRequest)) request: AccountNamesRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<AccountNamesReply> {
    return this.naming.names(askerOf(subject), request, deadline);
  }

  @MessagePattern(servedSubject('account.get'))
  async get(
    @Payload(new ValidMessage(AccountRequest)) { account }: AccountRequest,
    @Ctx() { subject }: MessageContext,
  ): Promise<AccountReply> {
    const { tenant } = askerOf(subject);
    const { id, reading } = await this.accounts.open(tenant, account);
    const { policy } = await this.policy.now(tenant);
    const now = this.clock.now();
    return {
      id,
      sequence: reading.sequence,
      devices: await deviceViews(reading, now, policy, this.recordAt),
      budgets: budgetsView(reading.state, now, policy),
      frozen: reading.state.frozen ?? false,
    };
  }

  @MessagePattern(servedSubject('device.list'))
  async list(
    @Payload(new ValidMessage(AccountRequest)) { account }: AccountRequest,
    @Ctx() { subject }: MessageContext,
  ): Promise<DeviceListReply> {
    const { tenant } = askerOf(subject);
    const { id, reading } = await this.accounts.open(tenant, account);
    const { policy } = await this.policy.now(tenant);
    return { id, devices: await deviceViews(reading, this.clock.now(), policy, this.recordAt) };
  }

  private readonly recordAt = (sequence: number): Promise<DeviceRecord> => this.ledger.record(sequence);
}
