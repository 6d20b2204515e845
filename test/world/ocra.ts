import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SoftwareDevice, overCaller } from '@countersign/device/node';
import { confirmFirst } from '@countersign/device';
import { profileOfSuite, type ProfileFields } from '@countersign/contracts';
import { beginExchange } from '@countersign/pairing';
import { Secret, SystemClock } from '@countersign/runtime';
import type { World } from './world.js';

export const PASSPHRASE = 'correct horse';

/** An OCRA device of the device library, confirmed, in a file of the world's folder. */
export async function ocraDeviceOf(
  world: World,
  account: string,
  suites: Pick<ProfileFields, 'suite' | 'platformSuite'>,
) {
  const ops = await world.caller('ops');
  const exchange = beginExchange();
  const answer = await ops.exchange({ account, point: exchange.point, type: 'ocra', ...suites });
  const { account: id, device: name, epoch } = answer;
  const made = profileOfSuite({ type: 'ocra', ...suites }) as { algorithm: 'SHA256'; digits: number };
  const profile = { type: 'ocra', stepSeconds: 30, t0Seconds: 0, counter: 0, ...made } as const;
  const { identity } = world.publicKeys;
  using key = exchange.finish(answer, identity, { tenant: 'acme', profile });
  const path = join(world.platform.folder.path, 'devices', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  using passphrase = Secret.fromText(PASSPHRASE);
  const description = { tenant: 'acme', account: id, device: name, epoch, profile, identity };
  SoftwareDevice.save(path, description, key, passphrase, { scryptCost: 1024 });
  const device = SoftwareDevice.open(path, passphrase);
  const { verdict } = await confirmFirst(overCaller(ops), device, new SystemClock().now());
  if (verdict !== 'accepted') throw new Error(`the first response was ${verdict}`);
  return { device, id: name, path };
}
