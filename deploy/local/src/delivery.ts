import { existsSync } from 'node:fs';
import type { StateFolder } from './folder.js';
import { readJson } from './private-files.js';
import { pinRecipient } from './recipients.js';

/** Draws delivery's key pair and pins its public half at the key service, once: whoever takes it off the list has it off. */
export async function makeDeliveryKey(folder: StateFolder): Promise<void> {
  const path = folder.secret('delivery.key');
  if (!existsSync(path)) await pinRecipient(folder, 'delivery', path);
}

/** What delivery is told: its key, and whatever somebody wrote of relays and tenants. Without that it serves couriers only. */
export const deliveryVariables = (folder: StateFolder, name: string): Record<string, string> => ({
  DELIVERY_KEY_FILE: folder.secret('delivery.key'),
  DELIVERY_RECENT_FILE: folder.state(`${name}.recent`),
  ...readJson<Record<string, string>>(folder.deliveryVariables()),
});
