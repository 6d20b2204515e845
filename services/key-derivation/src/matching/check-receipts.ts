import { timingSafeEqual } from 'node:crypto';
import type { ChallengeReceiptItem, ReceiptItem } from '@countersign/contracts';
import type { HsmDriver } from '../driver/hsm-driver.js';
import { challengeReceiptMessage, receiptMessage } from '../driver/labels.js';

/** Whether this HSM gave the receipt for that very acceptance. Throws HsmTrouble. */
export const isReceipt = (hsm: HsmDriver, item: ReceiptItem): Promise<boolean> =>
  isMacOf(hsm, receiptMessage(item, item.counter, item), item.receipt);

/** The same for an accepted challenge. */
export const isChallengeReceipt = (hsm: HsmDriver, item: ChallengeReceiptItem): Promise<boolean> =>
  isMacOf(hsm, challengeReceiptMessage(item), item.receipt);

async function isMacOf(hsm: HsmDriver, message: Uint8Array, receipt: string): Promise<boolean> {
  const right = await hsm.receipt(message);
  const given = Buffer.from(receipt, 'base64url');
  return given.toString('base64url') === receipt && given.length === right.length && timingSafeEqual(given, right);
}
