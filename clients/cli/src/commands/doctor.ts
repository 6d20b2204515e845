import { holderOf, planOf, readServers } from '@countersign/local';
import { SystemClock } from '@countersign/runtime';
import type { Command } from 'commander';
import { examine } from '../doctor/examine.js';
import type { Finding } from '../doctor/finding.js';
import { EXIT } from '../exit.js';
import type { Screen } from '../screen/screen.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function doctor(program: Command): void {
  const command = shared(program.command('doctor'))
    .description('what is missing or unsafe, and how to mend it; changes nothing')
    .action(async (options: SharedOptions) => {
      const folder = folderOf(options);
      const plan = planOf(folder);
      const up = typeof holderOf(folder) === 'number';
      const found = await examine({ folder, plan, servers: readServers(), up, clock: new SystemClock() });
      const screen = screenOf(options);
      const bad = found.filter(({ state }) => state === 'wrong').length;
      screen.result({ wrong: bad, findings: found }, [
        ...found.flatMap((finding) => lines(screen, finding)),
        bad === 0 ? 'nothing is wrong' : `${bad} wrong`,
      ]);
      if (bad > 0) process.exitCode = EXIT.failed;
    });
  example(command, 'countersign doctor', 'countersign doctor --json');
}

const SIGNS = { ok: ['green', '✔'], warning: ['yellow', '!'], wrong: ['red', '✘'] } as const;
const CHECK_WIDTH = 13; // of the longest word for a check

function lines(screen: Screen, { check, state, text, mend }: Finding): string[] {
  const [colour, sign] = SIGNS[state];
  const first = `${screen.paint(colour, sign)} ${check.padEnd(CHECK_WIDTH)}  ${text}`;
  return mend === undefined ? [first] : [first, `  ${' '.repeat(CHECK_WIDTH)}  mend: ${mend}`];
}
