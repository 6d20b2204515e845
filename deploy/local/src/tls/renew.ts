import { changing } from '../callers/changing.js';
import { planOf } from '../credentials.js';
import type { StateFolder } from '../folder.js';
import { placesOf } from '../plan.js';
import { askRedis } from '../redis.js';
import { makeCertificates } from './certificates.js';

/**
 * Gives everybody a new certificate; those whose it is. Servers that run take theirs without losing a connection; clients
 * read theirs at the next one. Throws what `changing` throws, and Error on a platform without TLS.
 */
export async function renewCertificates(folder: StateFolder): Promise<string[]> {
  if (!planOf(folder).tls) throw new Error('this platform was made without TLS; see: countersign init --help');
  return changing(folder, async (change) => {
    const { plan, natsServers } = change;
    const made = await makeCertificates(folder, plan, 'all');
    await change.apply();
    if (natsServers === undefined) return made;
    for (const place of placesOf(plan).redis) {
      const answer = await askRedis(folder, place, ['CONFIG', 'SET', 'tls-cert-file', folder.tls('redis.pem')]);
      if (answer !== '+OK') throw new Error(`Redis did not take its new certificate: ${answer}`);
    }
    return made;
  });
}
