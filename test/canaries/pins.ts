import { pair } from '../world/pairing.js';
import type { World } from '../world/world.js';

const PINS = 8;

/** PINs of pairings: each is tried wrong, and right, and sent where no PIN belongs. */
export async function usePins(world: World): Promise<string[]> {
  const [desk, { name: account }] = [await world.caller('desk'), await world.account()];
  const pins: string[] = [];
  while (pins.length < PINS) {
    const shown = await desk.pairOpen({ account, type: 'hotp' });
    pins.push(shown.pin);
    const bad = { account, type: 'hotp', pin: shown.pin } as never;
    await desk.pairOpen(bad).catch(() => undefined);
    await pair({ ...shown, pin: [...shown.pin].reverse().join('') }, desk, account).catch(() => undefined);
    await pair(shown, desk, account).catch(() => undefined); // a PIN may be the same both ways
  }
  return pins;
}
