import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FINDING_KINDS } from '@countersign/audit-verifier';
import { SystemRandom } from '@countersign/runtime';
import { decodeBundle, formatVerifierKey, parseTilePath } from '@countersign/tlog';
import { Chance } from '../torture/chance/chance.js';
import { madeEntries } from './entries.js';
import { LogKey, makeLog } from './made-log.js';
import { tryTampering, victimOf } from './try-tamperings.js';

/**
 * Tampers with a log of made entries, or with those of a folder, in each way so many times, and prints a line of JSON for
 * each way: all were found and named when none is missed. With --make it writes a log into a folder and prints its key.
 */
const HELP = `npm run tamper -- [--entries 100000 | --log <folder>] [--times 1000] [--only <kind>] [--seed <number>]
npm run tamper -- --make <folder> [--entries 10000000]`;

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '100000' },
    log: { type: 'string' },
    times: { type: 'string', default: '1000' },
    only: { type: 'string' },
    seed: { type: 'string' },
    make: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? new SystemRandom().bytes(4).readUInt32BE());

/** Of a log in a folder that nothing else is done to: in order, those of its full bundles, and of the partial one. */
function entriesIn(folder: string): Buffer[] {
  const names = readdirSync(join(folder, 'tile/entries'), { recursive: true, encoding: 'utf8' });
  const bundles = names
    .filter((name) => /\d{3}$|\.p\/\d+$/.test(name) && !/(?:^|\/)x\d{3}$/.test(name))
    .map((name) => ({ name: join('tile/entries', name), ...parseTilePath(`tile/entries/${name}`) }))
    .sort((one, other) => one.index - other.index || other.width - one.width);
  const wide = bundles.filter(({ index }, at) => bundles[at - 1]?.index !== index);
  return wide.flatMap(({ name, width }) =>
    decodeBundle(readFileSync(join(folder, name)), width).map((entry) => Buffer.from(entry)),
  );
}

async function main(): Promise<number> {
  if (values.help) print(HELP);
  else if (values.make !== undefined) {
    const key = new LogKey();
    await makeLog(values.make, Number(values.entries), new Chance(seed), key);
    print(formatVerifierKey(key.verifier));
  } else return tamper();
  return 0;
}

async function tamper(): Promise<number> {
  const { log, times, only } = values;
  const entries = log === undefined ? madeEntries(Number(values.entries), new Chance(seed)) : entriesIn(log);
  const victim = await victimOf(entries);
  let missedAny = false;
  for (const kind of FINDING_KINDS.filter((each) => only === undefined || each === only)) {
    const from = performance.now();
    const missed = await tryTampering(victim, kind, Number(times), seed);
    missedAny ||= missed.length > 0;
    const seconds = Math.round((performance.now() - from) / 1000);
    print(
      JSON.stringify({ kind, entries: entries.length, times: Number(times), seed, missed: missed.length, seconds }),
    );
    for (const each of missed.slice(0, 10)) process.stderr.write(`${each}\n`);
  }
  return missedAny ? 1 : 0;
}

process.exitCode = await main();
