import { rekeyOf } from '../world/rekey.js';
import type { World } from '../world/world.js';

const DEVICES = 8;

export interface Rekeys {
  keys: Uint8Array[];
  /** those that somebody typed */
  codes: string[];
}

/** Devices that get a next key: begun twice, proved wrongly, confirmed wrongly, and rightly. Every key that there was. */
export async function useRekeys(world: World): Promise<Rekeys> {
  const desk = await world.caller('desk');
  const { identity } = world.platform.publicKeys;
  const used: Rekeys = { keys: [], codes: [] };
  while (used.codes.length < DEVICES) {
    const device = await world.owner({ algorithm: used.codes.length % 2 ? 'SHA256' : 'SHA1' });
    const former = rekeyOf(device, identity);
    const superseded = former.finish(await desk.beginRekey(former.request));
    const { request, finish } = rekeyOf(device, identity);
    const next = finish(await desk.beginRekey(request));
    await desk.beginRekey({ ...request, proof: former.request.proof }).catch(() => undefined);
    const confirming = { id: device.accountId, device: device.id, epoch: 2 };
    const code = next.code();
    await desk.confirmRekey({ ...confirming, code: next.wrongCode() });
    await desk.confirmRekey({ ...confirming, code, key: request.proof } as never).catch(() => undefined);
    await desk.confirmRekey({ ...confirming, code });
    used.keys.push(device.key, superseded.key, next.key);
    used.codes.push(code);
  }
  return used;
}
