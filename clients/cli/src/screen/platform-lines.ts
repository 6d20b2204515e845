import type { Platform } from '@countersign/local';
import { relative } from 'node:path';
import { table } from './table.js';

/** One screen that says what runs, where, and how to ask it. */
export function platformLines(platform: Platform): string[] {
  const { folder } = platform;
  const where: Record<string, string> = { nats: platform.natsServer, redis: `127.0.0.1:${platform.redisPort}` };
  const processes = platform.processes.map(({ name, pid, state }) => [
    `  ${name}`,
    state,
    `process ${pid ?? '-'}`,
    where[name] ?? shown(folder.log(name)),
  ]);
  const callers = platform.tenants.map(
    ({ name, callers }) => `  ${name}: ${callers.map((caller) => `${caller.name} (${caller.role})`).join(', ')}`,
  );
  return [
    'Running',
    ...table(processes),
    '',
    'Who may ask, each with an nkey under ' + shown(folder.callerCredential('<tenant>', '<caller>')),
    ...callers,
    '',
    'Try, in another terminal',
    '  npx countersign enroll bob@acme.example     a device held in a file; --app for an authenticator app',
    '  npx countersign code bob@acme.example       what it shows now',
    '  npx countersign verify bob@acme.example     does a code open the account?',
    '  npx countersign events --follow             the ledger as it grows',
    '  npx countersign --help                      everything else',
    '',
    'How a backend asks: clients/caller/README.md; without any library: docs/examples/plain-nats.mjs',
  ];
}

const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};
