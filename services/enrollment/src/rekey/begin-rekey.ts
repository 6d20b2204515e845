import { Inject, Injectable } from '@nestjs/common';
import { STATE_VERSION, rekeyRefused, rekeyable, rekeying, type Standing } from '@countersign/account';
import {
  parseAccountId,
  parseDeviceId,
  type Asker,
  type BeginRekeyReply,
  type BeginRekeyRequest,
} from '@countersign/contracts';
import { Ledger, inTime, type Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { checkClientPoint } from '../devices/client-point.js';
import { fromTheStart } from '../devices/from-the-start.js';
import { KeyService } from '../devices/key-service.js';
import { nothingCounts } from '../devices/new-devices.js';
import { thawed } from '../devices/thawed.js';
import { CLOCK } from '../parts.js';

/**
 * Makes a device's next key for whoever proves the present one. Until the first code of the next key is confirmed the state
 * goes on naming the present one, so that whatever ends in between leaves exactly one key that works.
 */
@Injectable()
export class BeginRekey {
  constructor(
    private readonly ledger: Ledger,
    private readonly keys: KeyService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws INVALID_ARGUMENT for the point; NOT_FOUND in the same words for whatever is not there, not active or not proved;
   * UNAVAILABLE: the present key works, and a re-key before this one still waits; OUTCOME_UNKNOWN.
   */
  async begin({ tenant, caller: by }: Asker, request: BeginRekeyRequest, waiting: Waiting): Promise<BeginRekeyReply> {
    checkClientPoint(request.point);
    this.ledger.assertUsable();
    const id = parseAccountId(request.id);
    const account = await this.ledger.account(tenant, id);
    const device = account && rekeyable(account.state, parseDeviceId(request.device));
    if (device === undefined) throw rekeyRefused();
    const { profile: before, reference } = await this.ledger.record(device.record);
    const profile = fromTheStart(before);
    const parameters = { tenant, account: id, device: device.id, epoch: device.epoch + 1, profile };
    const { point, proof } = request;
    const made = await this.keys.rekey({ ...parameters, point, reference, proof }, waiting);
    const record = { v: STATE_VERSION, type: 'record', method: 'rekey', at: this.clock.now(), by } as const;
    const { epoch } = parameters;
    const key = { ...record, device: device.id, epoch, profile, reference: made.reference };
    const written = await inTime(this.ledger.addRecord(tenant, id, key), waiting).catch(nothingCounts);
    const change = (now: Standing) =>
      rekeying(thawed(now), device.id, { epoch, record: written }, { by, at: this.clock.now() });
    const { state, sequence } = await this.ledger.update(tenant, id, change, waiting);
    const expiresAt = rekeyable(state, device.id)?.next?.expiresAt as number;
    const { wrapped, keyLength, signature, seal } = made;
    return { ...parameters, point: made.point, wrapped, keyLength, signature, seal, expiresAt, sequence };
  }
}
