import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  BeginImportRequest,
  ImportBatchRequest,
  ImportKeyQuery,
  ImportRequest,
  askerOf,
  parseDeviceId,
  profileOf,
  servedSubject,
  type BeginImportReply,
  type ImportBatchReply,
  type ImportKeyAnswer,
  type ImportReply,
  type ImportedKey,
  type PublicKeys,
} from '@countersign/contracts';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { KeyService } from '../devices/key-service.js';
import { FIRST_EPOCH, NewDevices, type Plan } from '../devices/new-devices.js';
import { replacedIn } from '../devices/replaced.js';
import { PUBLIC_KEYS } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';
import { BeginImport } from './begin-import.js';
import { beginningOf } from './beginning.js';
import { ImportBatch } from './import-batch.js';
import { checkWrappedSeed, referenceOf } from './wrapped-seed.js';

/** Seeds that exist already, wrapped by the asking client so that only the HSM can open them (I6). */
@Controller()
export class ImportController {
  constructor(
    private readonly accounts: Accounts,
    private readonly keys: KeyService,
    private readonly devices: NewDevices,
    private readonly policy: TenantPolicy,
    private readonly beginning: BeginImport,
    private readonly batches: ImportBatch,
    @Inject(PUBLIC_KEYS) private readonly publicKeys: PublicKeys,
  ) {}

  @MessagePattern(servedSubject('device.import.key'))
  importKey(@Payload(new ValidMessage(ImportKeyQuery)) _query: ImportKeyQuery): ImportKeyAnswer {
    const { point, signature } = this.publicKeys.import;
    return { point, signature };
  }

  @MessagePattern(servedSubject('device.import.begin'))
  async begin(
    @Payload(new ValidMessage(BeginImportRequest)) { devices }: BeginImportRequest,
    @Ctx() { subject }: MessageContext,
  ): Promise<BeginImportReply> {
    return { ...this.importKey({}), devices: await this.beginning.begin(askerOf(subject).tenant, devices) };
  }

  @MessagePattern(servedSubject('device.import.batch'))
  async batch(
    @Payload(new ValidMessage(ImportBatchRequest)) request: ImportBatchRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ImportBatchReply> {
    return { devices: await this.batches.import(askerOf(subject), request, deadline) };
  }

  @MessagePattern(servedSubject('device.import'))
  async import(
    @Payload(new ValidMessage(ImportRequest)) request: ImportRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ImportReply> {
    const { tenant, caller } = askerOf(subject);
    const profile = profileOf(request);
    const { point, wrapped } = request;
    checkClientPoint(point);
    checkWrappedSeed(profile.algorithm, wrapped);
    const account = await this.accounts.open(tenant, request.account);
    const { policy } = await this.policy.now(tenant);
    const plan: Plan = {
      id: parseDeviceId(request.device),
      method: 'import',
      profile,
      status: beginningOf(request.activate, policy),
      namedOnly: request.namedOnly ?? false,
      replaces: replacedIn(account.reading, request.replaces),
      by: caller,
      policy,
    };
    this.devices.admit(account, plan);
    const parameters = { tenant, account: account.id, device: plan.id, epoch: FIRST_EPOCH, profile };
    const [imported] = await this.keys.import({ point, seeds: [{ ...parameters, wrapped }] }, deadline);
    const reference = referenceOf(imported as ImportedKey, profile.algorithm);
    const { device, sequence } = await this.devices.keep(account, plan, reference, deadline);
    const { status, expiresAt } = device;
    return { device: plan.id, status, ...(expiresAt !== undefined && { expiresAt }), sequence };
  }
}
