import { describe, expect, test } from '@jest/globals';
import type { DeviceView, EventView } from '@countersign/contracts';
import { coloured } from './colours.js';
import { deviceLines } from './device-lines.js';
import { eventLines } from './event-lines.js';
import { Screen } from './screen.js';
import { table } from './table.js';

/** What a screen wrote, by stream. */
function written(json: boolean, work: (screen: Screen) => void, colours = false): { out: string; aside: string } {
  const streams = { out: '', aside: '' };
  work(
    new Screen(
      json,
      (text) => (streams.out += text),
      (text) => (streams.aside += text),
      colours,
    ),
  );
  return streams;
}

describe('a result', () => {
  const show = (screen: Screen): void => {
    screen.line('on the way');
    screen.note('by the way');
    screen.result({ code: '755224' }, ['755224', screen.paint('green', 'done')]);
  };

  test('is lines for people, and only the result can be piped on', () => {
    expect(written(false, show)).toEqual({ out: 'on the way\n755224\ndone\n', aside: 'by the way\n' });
  });

  test('is one JSON value with --json, and nothing else is written', () => {
    expect(written(true, show, true)).toEqual({ out: '{"code":"755224"}\n', aside: '' });
  });

  test('has colours where they were asked for', () => {
    expect(written(false, show, true).out).toContain('\u001b[32mdone\u001b[0m');
  });
});

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', {}, {}, false],
  ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR, which says nothing', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
])('colours on %s', (_where, stream, environment, expected) => {
  expect(coloured(stream as NodeJS.WriteStream, environment)).toBe(expected);
});

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['a', 'long'],
      ['wider', 'b'],
      ['', ''],
    ]),
  ).toEqual(['a      long', 'wider  b', '']);
});

test('a device is told with all that it waits for', () => {
  const profile = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
  const device: DeviceView = { device: 'd1', status: 'active', epoch: 1, profile, namedOnly: false };
  const devices: DeviceView[] = [
    { ...device, namedOnly: true, rekeyDue: true },
    { ...device, next: { epoch: 2, expiresAt: 0 } },
    { ...device, status: 'pending', expiresAt: 0 },
    { ...device, status: 'pending', expiresAt: 0, firstUse: true },
    { ...device, profile: { ...profile, type: 'sheet' }, codesLeft: 7, expiresAt: 0 },
  ];
  expect(deviceLines(devices)).toEqual([
    'device  status   kind',
    'd1      active   hotp SHA1, 6 digits, by counter  named only, due for another key',
    'd1      active   hotp SHA1, 6 digits, by counter  key 2 waits until 1970-01-01 00:00:00.000Z',
    'd1      pending  hotp SHA1, 6 digits, by counter  waits until 1970-01-01 00:00:00.000Z',
    'd1      pending  hotp SHA1, 6 digits, by counter  waits for its first use until 1970-01-01 00:00:00.000Z',
    'd1      active   sheet of codes                   7 left, until 1970-01-01 00:00:00.000Z',
  ]);
});

test('an event is told by what people look for', () => {
  const event: EventView = {
    sequence: 7,
    storedAt: 0,
    account: 'abc',
    type: 'accepted',
    device: 'd1',
    counter: 3,
    receipt: 'r1',
    at: 0,
    by: 'app',
    after: 6,
    verb: 'verify',
  };
  expect(eventLines([event])).toEqual([
    'sequence  stored at                 account  event',
    '7         1970-01-01 00:00:00.000Z  abc      accepted  device d1, counter 3, by app',
  ]);
});
