import { callerOn, type Countersign } from '@countersign/caller';
import { prepareSeed } from '@countersign/oath';
import { wrapForImport } from '@countersign/pairing';
import { randomId, Secret, type Clock } from '@countersign/runtime';
import type { Chance } from '../chance/chance.js';
import type { Entry } from '../history/entry.js';
import { bornEntry } from './actor.js';
import type { Callers } from './callers.js';
import { HeldDevice } from './held-device.js';
import { newName, newOrigin, newType, People, profileFor } from './people.js';
import { Permits } from './permits.js';

const AT_ONCE = 16;
const PATIENCE_MS = 30_000;
const KEY_BYTES = 20; // HMAC-SHA-1

export interface FirstParts {
  callers: Callers;
  identityKey: string;
  chance: Chance;
  history: { write(entry: Entry): void };
  clock: Clock;
}

/** So many accounts with imported devices, before anything is broken. */
export async function firstPeople(count: number, parts: FirstParts): Promise<People> {
  const { callers, chance, history, clock } = parts;
  const tenants = await Promise.all(
    callers.tenants.map(async (tenant) => {
      const { bus, caller } = callers.operator(tenant);
      const ops = callerOn(bus, caller, PATIENCE_MS);
      return { tenant, ops, importKey: await ops.importKey({}) };
    }),
  );
  const permits = new Permits(AT_ONCE);
  const people = new People();
  const wanted = Array.from({ length: count }, (_, each) => {
    const place = tenants[each % tenants.length] as Place;
    const drawn = draw(chance.apart(`person ${each}`));
    return permits.with(async () => {
      const { device, ...named } = await importOne(parts.identityKey, place, drawn);
      history.write(bornEntry(clock.now(), named, device));
      people.join({ ...named, ...drawn.origin, device, standing: 'active', devices: 1 });
    });
  });
  await Promise.all(wanted);
  return people;
}

const draw = (chance: Chance) => ({
  name: newName(chance),
  type: newType(chance),
  device: randomId(chance, 12),
  key: chance.bytes(KEY_BYTES),
  origin: newOrigin(chance),
});

interface Place {
  tenant: string;
  ops: Countersign;
  importKey: Awaited<ReturnType<Countersign['importKey']>>;
}

async function importOne(
  identityKey: string,
  { tenant, ops, importKey }: Place,
  { name, type, device, key }: ReturnType<typeof draw>,
) {
  const { id } = await ops.createAccount({ names: [name] });
  const profile = profileFor(type);
  const wrapped = wrapForImport({
    seed: prepareSeed(profile.algorithm, new Secret(Buffer.from(key))),
    parameters: { tenant, account: id, device, epoch: 1, profile },
    importKey,
    pinnedIdentityKey: identityKey,
  });
  await ops.importDevice({ account: name, device, ...profile, ...wrapped, activate: true });
  return { tenant, name, account: id, device: new HeldDevice(device, type, key) };
}
