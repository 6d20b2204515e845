import { connectAs } from '@countersign/local';
import type { EventView } from '@countersign/contracts';
import { audit, world } from './shared-world.js';

const WITHIN_MS = 5000;

/** The account's events, oldest first. */
export const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;

/** The record of a device's first key as it lies in the ledger, and the account's last event with its whole state. */
export async function storedOf(account: string, device: string): Promise<{ record: string; last: string }> {
  const { platform } = world;
  const bus = await connectAs(platform.folder, platform.natsServers, 'setup', WITHIN_MS);
  const read = async (subject: string): Promise<string> => {
    const question = JSON.stringify({ last_by_subj: subject });
    const answer = await bus.connection.request('$JS.API.STREAM.MSG.GET.ledger', question, { timeout: WITHIN_MS });
    return Buffer.from(answer.json<{ message: { data: string } }>().message.data, 'base64').toString('utf8');
  };
  try {
    const [record, last] = await Promise.all(
      [`ledger.acme.${account}.${device}.1`, `ledger.acme.${account}`].map((subject) => read(subject)),
    );
    return { record: record!, last: last! };
  } finally {
    await bus.close();
  }
}
