import { Command } from 'commander';
import { account } from './commands/account.js';
import { audit } from './commands/audit.js';
import { caller } from './commands/caller.js';
import { certificate } from './commands/certificate.js';
import { challenge } from './commands/challenge.js';
import { code } from './commands/code.js';
import { completion } from './commands/completion.js';
import { device } from './commands/device.js';
import { doctor } from './commands/doctor.js';
import { enroll } from './commands/enroll.js';
import { events } from './commands/events.js';
import { importFile } from './commands/import.js';
import { init } from './commands/init.js';
import { logs } from './commands/logs.js';
import { policy } from './commands/policy.js';
import { recipient } from './commands/recipient.js';
import { recover } from './commands/recover.js';
import { resync } from './commands/resync.js';
import { sheet } from './commands/sheet.js';
import { status } from './commands/status.js';
import { tenant } from './commands/tenant.js';
import { top } from './commands/top.js';
import { up } from './commands/up.js';
import { verify } from './commands/verify.js';
import { EXIT_HELP } from './exit.js';

const COMMANDS = [
  ...[init, up, status, top, doctor, logs],
  ...[certificate, tenant, caller, account, enroll, importFile, device, policy],
  ...[code, verify, recover, sheet, recipient, resync, challenge, events, audit, completion],
];

/** The whole command line. Throws CommanderError instead of ending the process. */
export function countersignProgram(): Command {
  const program = new Command('countersign')
    .description('one-time passwords over NATS: run a platform on this machine, and ask it')
    .version('0.1.0')
    .exitOverride()
    .addHelpText('after', EXIT_HELP);
  for (const command of COMMANDS) command(program);
  return program;
}
