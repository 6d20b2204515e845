// A service that lives as many ms later than the others as the file LATER_FILE says, and all of NATS with it as far as it
// can see: what ends after minutes ends within a test.
import { readFileSync } from 'node:fs';
import { SystemClock } from '@countersign/runtime';
import { StreamReader } from '../../libs/ledger/dist/stream-reader.js';

/* eslint-disable @typescript-eslint/unbound-method -- they are bound where they are called */
const { now } = SystemClock.prototype;
const { info } = StreamReader.prototype;
/* eslint-enable @typescript-eslint/unbound-method */

const laterMs = () => Number(readFileSync(String(process.env['LATER_FILE']), 'utf8'));

SystemClock.prototype.now = function () {
  return now.call(this) + laterMs();
};

/** @type {typeof info} */
StreamReader.prototype.info = async function () {
  const seen = await info.call(this);
  return seen.serverTime === undefined ? seen : { ...seen, serverTime: seen.serverTime + laterMs() };
};
