import type { Countersign } from '@countersign/caller';
import { RECOVERY_CODES, RECOVERY_PROFILE } from '@countersign/contracts';
import { publicKeys } from '@countersign/local';
import { recoverySheet } from '@countersign/oath';
import { beginExchange } from '@countersign/pairing';
import { EXIT } from '../exit.js';
import type { Screen } from '../screen/screen.js';
import type { EnrolParts } from './enrol-parts.js';

/** Makes a sheet of recovery codes and shows it, which is the only time: the key is forgotten with this process. */
export async function printSheet(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, tenant, folder } = parts;
  const exchange = beginExchange();
  const answer = await countersign.issueRecovery({ account, point: exchange.point });
  const { identity } = publicKeys(folder);
  using key = exchange.finish(answer, identity, { tenant, profile: RECOVERY_PROFILE });
  const { device, sequence } = answer;
  const codes = recoverySheet(key, RECOVERY_CODES);
  screen.result({ device, codes, sequence }, codes);
  screen.note(`recovery codes of ${account}, each good once; write them down now. An earlier sheet has ended`);
  screen.note(`to use one: countersign recover ${account}`);
  return EXIT.ok;
}
