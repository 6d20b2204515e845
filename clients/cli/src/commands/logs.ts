import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { StateFolder } from '@countersign/local';
import type { Command } from 'commander';
import { Unusable } from '../exit.js';
import { wholeNumber } from '../profile-options.js';
import { logLine, logValue } from '../screen/log-lines.js';
import { followFiles, lastLinesOf } from '../log-files.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

interface Options extends SharedOptions {
  follow?: true;
  lines: number;
}

export function logs(program: Command): void {
  const command = shared(program.command('logs [service]'))
    .description('what the processes say: of all, of one service (verification), or of one process (verification-1)')
    .option('--lines <number>', 'begin with so many of the last lines of each', wholeNumber, 20)
    .option('--follow', 'wait for new ones, until Ctrl-C')
    .action(async (service: string | undefined, options: Options) => {
      const files = logFiles(folderOf(options), service);
      const screen = screenOf(options);
      const told = (file: string, line: string): void => {
        const process = basename(file, '.log');
        screen.result(logValue(process, line), logLine(process, line));
      };
      for (const file of files) for (const line of lastLinesOf(file, options.lines)) told(file, line);
      if (options.follow) await followFiles(files, told);
    });
  example(command, 'countersign logs verification --lines 5', 'countersign logs --follow --json');
}

/** Throws Unusable for a service that has no log here. */
function logFiles(folder: StateFolder, service: string | undefined): string[] {
  const room = dirname(folder.log('nats'));
  const names = readLogs(room);
  const wanted = names.filter((name) => service === undefined || name === service || isReplica(name, service));
  if (wanted.length > 0) return wanted.map((name) => folder.log(name));
  throw new Unusable(`there is no log of ${service ?? 'anything'}; there are ${names.join(', ') || 'none'}`);
}

function readLogs(room: string): string[] {
  try {
    return readdirSync(room)
      .filter((name) => name.endsWith('.log'))
      .map((name) => basename(name, '.log'))
      .sort();
  } catch {
    return [];
  }
}

const isReplica = (name: string, service: string): boolean => name.replace(/-\d+$/, '') === service;
