import type { Platform } from '@countersign/local';
import { relative } from 'node:path';
import { table } from './table.js';

const HOW_TO_ASK = 'How a backend asks: clients/caller/README.md; without any library: docs/examples/plain-nats.mjs';

/** Where to go after a tour whose platform is stopped again. */
export const NEXT_LINES = [
  'Where to go next',
  '  npm start                                   the same, and it stays up for you to try: enroll, code, verify, events',
  '  npx countersign --help                      every command',
  `  ${HOW_TO_ASK}`,
];

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
    '  npx countersign code bob@acme.example --next',
    '                                              its next code: enrolling spent the present one',
    '  npx countersign verify bob@acme.example     does a code open the account?',
    '  npx countersign events --follow             the ledger as it grows',
    '  npx countersign --help                      everything else',
    '',
    HOW_TO_ASK,
  ];
}

const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};
