import type { Command } from 'commander';
import { cancel } from './challenge/cancel.js';
import { issue } from './challenge/issue.js';
import { send } from './challenge/send.js';
import { verify } from './challenge/verify.js';

export function challenge(program: Command): void {
  const group = program.command('challenge').description('codes for one purpose: a payment, a sign-in by mail');
  for (const command of [issue, verify, send, cancel]) command(group);
}
