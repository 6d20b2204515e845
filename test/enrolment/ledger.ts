import { connectAs } from '@countersign/local';
import type { EventView } from '@countersign/contracts';
import { audit, world } from './shared-world.js';

const WITHIN_MS = 5000;

/** The account's events, oldest first. */
export const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;

/** The last that lies on a subject of acme's, as it lies there: `<account>`, `<account>.<device>.<epoch>`. */
export async function stored(subject: string): Promise<string> {
  const { platform } = world;
  const bus = await connectAs(platform.folder, platform.natsServers, 'setup', WITHIN_MS);
  try {
    const question = JSON.stringify({ last_by_subj: `ledger.acme.${subject}` });
    const answer = await bus.connection.request('$JS.API.STREAM.MSG.GET.ledger', question, { timeout: WITHIN_MS });
    return Buffer.from(answer.json<{ message: { data: string } }>().message.data, 'base64').toString('utf8');
  } finally {
    await bus.close();
  }
}
