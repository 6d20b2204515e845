import { timingSafeEqual } from 'node:crypto';
import type { ReceiptItem } from '@countersign/contracts';
import type { HsmDriver } from '../driver/hsm-driver.js';
import { receiptMessage } from '../driver/labels.js';

/** Whether this HSM gave the receipt for that very acceptance. Throws HsmTrouble. */
export async function isReceipt(hsm: HsmDriver, item: ReceiptItem): Promise<boolean> {
  const right = await hsm.receipt(receiptMessage(item, item.counter));
  const given = Buffer.from(item.receipt, 'base64url');
  return given.toString('base64url') === item.receipt && given.length === right.length && timingSafeEqual(given, right);
}
