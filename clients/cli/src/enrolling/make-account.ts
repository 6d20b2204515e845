import { Failure, type Countersign } from '@countersign/caller';
import type { Screen } from '../screen/screen.js';

/** Makes the account when it is not there, and says so. */
export async function makeAccount(screen: Screen, countersign: Countersign, account: string): Promise<void> {
  try {
    await countersign.account({ account });
    return;
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'NOT_FOUND')) throw error;
  }
  await countersign.createAccount({ names: [account] });
  screen.note(`account ${account} made`);
}
