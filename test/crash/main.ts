import { parseArgs } from 'node:util';
import { SystemRandom } from '@countersign/runtime';
import { crashAudit } from './crash-audit.js';

const HELP = `npm run crash -- [options]

Kills audit's two replicas and the NATS server (kill -9), one after the other and all at once, again and again, while people
sign in. After each time: every checkpoint is of one and the same log, each extends the one before, and at the end
everything that was answered is in it. Status 0 when it is so.

  --times N   rounds (default 100; a second or two each)
  --seed N    draws the same moments again (default: at random, said in the result)
  --json      one line of JSON last, and no progress
  --help

Examples:
  npm run crash
  npm run crash -- --times 1000 --json`;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const times = Number(values.times);
  const seed = Number(values.seed ?? new SystemRandom().bytes(4).readUInt32BE());
  if (values.help || !Number.isSafeInteger(times) || times < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(`${HELP}\n`);
    return values.help ? 0 : 2;
  }
  const from = performance.now();
  const tell = (done: number): void => {
    if (values.json || (done % 10 !== 0 && done !== times)) return;
    process.stderr.write(`${done} of ${times}, ${Math.round((performance.now() - from) / 1000)} s\n`);
  };
  const crashed = await crashAudit({ times, seed, tell });
  const { killed, events, checkpoints, seconds, wrong } = crashed;
  for (const each of wrong) process.stderr.write(`WRONG: ${each}\n`);
  const kills = Object.entries(killed).map(([name, count]) => `${name} ${count}`);
  const said = `killed: ${kills.join(', ')}; ${events} events answered, ${checkpoints} checkpoints, ${seconds} s, seed ${seed}`;
  process.stdout.write(`${values.json ? JSON.stringify(crashed) : said}\n`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
