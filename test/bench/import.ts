import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, livingChildren } from '@countersign/local';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { World } from '../world/world.js';
import { usedBy } from './processors.js';

/**
 * How fast a token file is imported: a platform of its own, a file of new tokens, the command that an operator runs, and
 * then the same again, which finds everything there. One line of JSON for each.
 */
const HELP = 'npm run bench:import -- [--tokens 10000]';

const clock = new SystemClock();
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function tokenFile(tokens: number): string {
  const random = new SystemRandom();
  const lines = Array.from({ length: tokens }, (_, at) => {
    const [type, moving] = at % 2 === 0 ? ['hotp', 0] : ['totp', 30];
    return `bench-${at}, ${random.bytes(20).toString('hex')}, ${type}, 6, ${moving}\n`;
  });
  return lines.join('');
}

function countersign(args: string[]): Promise<number | null> {
  const program = join(ROOT, 'clients/cli/bin/countersign.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

async function measured(name: string, tokens: number, file: string, world: World): Promise<void> {
  const { folder } = world.platform;
  const pids = livingChildren(folder).map(({ name, pid }): [string, number] => [name, pid]);
  const before = usedBy(pids);
  const startedAt = clock.now();
  const status = await countersign(['import', file, '--active', '--state', folder.path]);
  const seconds = (clock.now() - startedAt) / 1000;
  if (status !== 0) throw new Error(`the import ended with ${status}`);
  const processors = Object.fromEntries(
    [...usedBy(pids)].map(([child, used]) => [child, Number((used - (before.get(child) ?? 0)).toFixed(2))]),
  );
  const perSecond = Math.round(tokens / seconds);
  process.stdout.write(`${JSON.stringify({ name, tokens, seconds, perSecond, cores: cpus().length, processors })}\n`);
}

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '10000' }, help: { type: 'boolean' } } });
const tokens = Number(values.tokens);
if (values.help || !Number.isSafeInteger(tokens) || tokens < 1) {
  say(HELP);
  process.exit(values.help ? 0 : 2);
}
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const file = join(folder, 'tokens.csv');
writeFileSync(file, tokenFile(tokens));
say('starting a platform');
const world = await World.start();
try {
  say(`importing ${tokens} tokens`);
  await measured('new', tokens, file, world);
  await measured('there already', tokens, file, world);
} finally {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
}
