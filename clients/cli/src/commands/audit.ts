import type { Command } from 'commander';
import { check } from './audit/check.js';
import { exportEvents } from './audit/export.js';
import { follow } from './audit/follow.js';
import { key } from './audit/key.js';
import { verify } from './audit/verify.js';

export function audit(program: Command): void {
  const group = program.command('audit').description('check what the log says, with nothing but its key');
  for (const each of [key, check, verify, follow, exportEvents]) each(group);
}
