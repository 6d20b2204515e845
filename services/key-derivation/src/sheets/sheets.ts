import { setImmediate } from 'node:timers/promises';
import { MAX_RANGE } from '@countersign/contracts';
import type { MakeSheetReply, MakeSheetRequest } from '@countersign/contracts';
import { groupedRecoveryCode, recoveryCodeFromMac } from '@countersign/oath';
import { toBase64url } from '@countersign/pairing';
import { sealSheet } from '@countersign/sealing';
import type { Recipients } from '../challenges/recipients.js';
import { HsmTrouble } from '../driver/hsm-driver.js';
import type { HsmDriver, KeyUse } from '../driver/hsm-driver.js';

const FIRST_EPOCH = 1;

/** Sheets of codes by keys that never leave the HSM, not even wrapped: only their codes do, sealed to who will print them. */
export class Sheets {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly recipients: Recipients,
  ) {}

  /** Takes no reference: no call shows the codes of a sheet that exists. Throws HsmTrouble, UNAVAILABLE; nothing is made then. */
  async make({ codes: count, recipient: name, ...sheet }: MakeSheetRequest): Promise<MakeSheetReply> {
    const recipient = this.recipients.find(name, sheet.tenant);
    if (!recipient) return { kind: 'unknown-recipient' };
    const reference = await this.hsm.newReference();
    const label = { ...sheet, epoch: FIRST_EPOCH, algorithm: 'SHA256' } as const;
    const codes = await this.codes({ kind: 'device', reference, label }, count);
    return { kind: 'made', reference, sealed: toBase64url(await sealSheet(recipient, sheet, codes)) };
  }

  private async codes(key: KeyUse, count: number): Promise<string[]> {
    const codes: string[] = [];
    while (codes.length < count) {
      const answer = await this.hsm.macs(key, codes.length, Math.min(MAX_RANGE, count - codes.length));
      if (answer.kind !== 'macs') throw new HsmTrouble('the key that was made is not to be had');
      codes.push(...answer.macs.map((mac) => groupedRecoveryCode(recoveryCodeFromMac(mac))));
      await setImmediate(); // other people's sign-ins go between
    }
    return codes;
  }
}
