import { copyFileSync } from 'node:fs';
import { SystemRandom, reasonOf } from '@countersign/runtime';
import { planOf, natsServersOf } from '../credentials.js';
import { StateFolder } from '../folder.js';
import { auditKey, writeHsmConfig } from '../hsm.js';
import { setUpLedger } from '../ledger.js';
import { makePlatform } from '../make-platform.js';
import { writeNatsConfig } from '../nats.js';
import { DEV_TENANTS, writePlan, type Plan } from '../plan.js';
import { writePrivate } from '../private-files.js';
import { writeRedisConfig } from '../redis.js';
import { handOut } from './hand-out.js';
import { IMAGE_SERVERS, PUBLISHED, firstParts, laterParts } from './parts.js';

/**
 * Program of the image `init`, run twice; both times safe to run again, and what exists stays as it is.
 *
 *   keys    credentials, secrets, certificates, configurations: whatever the servers and the key ceremony need
 *   ledger  once NATS runs and the ceremony was held: the streams, and what the services need
 */
const HANDED = '/handed';
const folder = new StateFolder('/countersign');
const ALL_ADDRESSES = '0.0.0.0';

const steps: Record<string, () => Promise<void>> = {
  keys: async () => {
    folder.make();
    const wishes = { servers: IMAGE_SERVERS, tenants: DEV_TENANTS, random: new SystemRandom() };
    const plan: Plan = await makePlatform(folder, { ...wishes, tls: true, ceremony: 'elsewhere' });
    plan.places = {
      nats: [{ name: 'nats', host: 'nats', port: 4222, listen: ALL_ADDRESSES }],
      redis: [{ name: 'redis', host: 'redis', port: 6379, listen: ALL_ADDRESSES }],
      sentinels: [],
    };
    writePlan(folder, plan);
    writeNatsConfig(folder, plan);
    writeRedisConfig(folder, plan);
    writeHsmConfig(folder);
    for (const part of firstParts(folder, plan)) handOut(folder, part, HANDED);
  },
  ledger: async () => {
    copyFileSync(PUBLISHED, folder.hsmPublic());
    writePrivate(folder.auditKey(), `${auditKey(folder)}\n`);
    const plan = planOf(folder);
    await setUpLedger(folder, natsServersOf(plan), plan.tenants);
    plan.inLedger = plan.tenants.map(({ name }) => name);
    writePlan(folder, plan);
    for (const part of laterParts(folder, plan)) handOut(folder, part, HANDED);
  },
};

const [name = ''] = process.argv.slice(2);
try {
  const step = steps[name];
  if (!step) throw new Error(`say what to make: ${Object.keys(steps).join(' or ')}`);
  await step();
  process.stdout.write(`${JSON.stringify({ made: name })}\n`);
} catch (error) {
  process.stderr.write(`init: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
