import { readFileSync } from 'node:fs';
import { RecipientKey, openCode, type Countersign } from '@countersign/caller';
import { pinRecipient } from '@countersign/local';
import type { World } from './world.js';

type Request = Parameters<Countersign['issueChallenge']>[0];

/** Where the command line keeps it, too. */
export const recipientFile = ({ platform }: Pick<World, 'platform'>, name: string, tenant = 'acme'): string =>
  platform.folder.callerCredential(tenant, name).replace(/\.nk$/, '.recipient');

/** A caller whose key is pinned, and that reads the codes which are sealed to it. */
export async function issuerOf(world: World, name: string, tenant = 'acme') {
  const caller = await world.caller(name, tenant);
  const file = recipientFile(world, name, tenant);
  await pinRecipient(world.platform.folder, `${tenant}/${name}`, file);
  const key = await RecipientKey.read(readFileSync(file, 'utf8'));
  return async (request: Omit<Request, 'sealTo' | 'deliver'>, waiting?: { timeoutMs: number }) => {
    const issued = await caller.issueChallenge({ ...request, sealTo: 'caller' }, waiting);
    return { ...issued, sealed: issued.code, code: await openCode(key, issued) };
  };
}
