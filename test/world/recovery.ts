import type { Countersign } from '@countersign/caller';
import { RECOVERY_CODES, RECOVERY_PROFILE, type IssueRecoveryReply } from '@countersign/contracts';
import { recoverySheet } from '@countersign/oath';
import { beginExchange } from '@countersign/pairing';
import type { World } from './world.js';

export interface Sheet {
  reply: IssueRecoveryReply;
  /** as people read them */
  codes: string[];
  key: Buffer;
}

/** What a desk does to print an account's sheet of recovery codes. */
export async function recoverySheetOf(world: World, desk: Countersign, account: string): Promise<Sheet> {
  const exchange = beginExchange();
  const reply = await desk.issueRecovery({ account, point: exchange.point });
  const { identity } = world.platform.publicKeys;
  const key = exchange.finish(reply, identity, { tenant: reply.tenant, profile: RECOVERY_PROFILE });
  return { reply, codes: recoverySheet(key, RECOVERY_CODES), key: Buffer.from(key.reveal()) };
}
