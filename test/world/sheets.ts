import type { Countersign } from '@countersign/caller';
import type { IssueSheetReply } from '@countersign/contracts';
import { pinRecipient } from '@countersign/local';
import { RecipientKey, openSheet } from '@countersign/sealing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.js';

export interface OfflineSheet {
  reply: IssueSheetReply;
  /** as people read them */
  codes: string[];
}

/** The key of a tenant's recipient; pinned, and drawn when it is not there. */
export async function recipientKey(world: World, name = 'field', tenant = 'acme'): Promise<RecipientKey> {
  const { folder } = world.platform;
  const file = join(folder.path, `${tenant}-${name}.recipient`);
  await pinRecipient(folder, `${tenant}/${name}`, file);
  return RecipientKey.read(readFileSync(file, 'utf8'));
}

/** What a desk does to give somebody codes for a time offline. */
export async function sheetOf(world: World, desk: Countersign, account: string, count = 10): Promise<OfflineSheet> {
  const key = await recipientKey(world);
  const reply = await desk.issueSheet({ account, count, days: 30, recipient: 'field' });
  return { reply, codes: await openSheet(key, reply, Buffer.from(reply.sealed, 'base64url')) };
}
