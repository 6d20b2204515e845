import { timingSafeEqual } from 'node:crypto';
import type { ChallengeReceiptItem, ReceiptItem } from '@countersign/contracts';
import type { HsmDriver } from '../driver/hsm-driver.js';
import { challengeReceiptMessage, receiptMessage } from '../driver/labels.js';

/** Whether this HSM gave each receipt for that very acceptance. Throws HsmTrouble. */
export const areReceipts = (hsm: HsmDriver, items: readonly ReceiptItem[]): Promise<boolean[]> =>
  areMacs(hsm, items, (item) => receiptMessage(item, item.counter, item));

/** The same for accepted challenges. */
export const areChallengeReceipts = (hsm: HsmDriver, items: readonly ChallengeReceiptItem[]): Promise<boolean[]> =>
  areMacs(hsm, items, challengeReceiptMessage);

async function areMacs<Item extends { receipt: string }>(
  hsm: HsmDriver,
  items: readonly Item[],
  messageOf: (item: Item) => Uint8Array,
): Promise<boolean[]> {
  const right = await hsm.receipts(items.map(messageOf));
  return items.map(({ receipt }, at) => isTheSame(receipt, right[at]!));
}

function isTheSame(receipt: string, right: Buffer): boolean {
  const given = Buffer.from(receipt, 'base64url');
  return given.toString('base64url') === receipt && given.length === right.length && timingSafeEqual(given, right);
}
