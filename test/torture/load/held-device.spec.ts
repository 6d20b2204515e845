import { expect, test } from '@jest/globals';
import { Chance } from '../chance/chance.js';
import { HeldDevice, STEP_SECONDS, type Shown } from './held-device.js';

const KEY = Buffer.from('12345678901234567890'); // RFC 4226 appendix D
const RFC_4226 = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
const shown = (device: HeldDevice, counter: number): Shown =>
  ({ shownBy: device.id, counter, code: device.code(counter) }) as Shown;

test('HOTP shows one code after the other, the next one only when the last is gone', () => {
  const device = new HeldDevice('hotp', 'hotp', KEY);
  expect(RFC_4226.map((_, counter) => device.code(counter))).toEqual(RFC_4226);
  expect(device.fresh(0)).toBe(0);
  expect(device.fresh(0)).toBe(0);
  device.gone(shown(device, 0));
  expect(device.fresh(0)).toBe(1);
  expect(device.fresh(0, 2)).toBe(3);
});

test('TOTP shows one code in each step', () => {
  const device = new HeldDevice('totp', 'totp', KEY);
  const stepMs = STEP_SECONDS * 1000;
  expect(device.fresh(5 * stepMs + 1)).toBe(5);
  device.gone(shown(device, 5));
  expect(device.fresh(6 * stepMs - 1)).toBeUndefined();
  expect(device.fresh(6 * stepMs)).toBe(6);
});

test('wrong codes are none that it shows anywhere near', () => {
  const device = new HeldDevice('hotp', 'hotp', KEY);
  const near = Array.from({ length: 30 }, (_, counter) => device.code(counter));
  const right = new Chance(1);
  right.whole = () => Number(near.shift() ?? 0); // draws only right codes, then 000000
  expect(device.wrong(1, right)).toEqual(['000000']);
});

test('two counters with one code are told', () => {
  const key = Buffer.from('154aaa433547a8c05fd70bcaaa6d3c712c8b43cd', 'hex'); // drawn in a run: oathtool says 886556 for 29 and for 30
  const device = new HeldDevice('hotp', 'hotp', key);
  expect([28, 29, 30, 31].map((counter) => device.twin(counter))).toEqual([false, true, true, false]);
});
