import { reasonOf } from '@countersign/runtime';
import { EXIT, endOf } from './exit.js';
import { countersignProgram } from './program.js';

process.stdout.on('error', () => process.exit(EXIT.failed)); // whoever read us has gone (a pipe to head)

try {
  await countersignProgram().parseAsync();
} catch (error) {
  const { status, code, message } = endOf(error);
  process.exitCode = status;
  if (message !== '') {
    const json = process.argv.includes('--json');
    process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `countersign: ${message}\n`);
  }
  if (process.env['COUNTERSIGN_STACKS'] && error instanceof Error)
    process.stderr.write(`${error.stack ?? reasonOf(error)}\n`);
}
