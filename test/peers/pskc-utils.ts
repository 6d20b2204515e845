import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { readServers } from '@countersign/local';

/**
 * Runs a program of python-pskc (Debian: pskc-utils), another's implementation of RFC 6030; what it wrote. Throws Error
 * where it is not here.
 */
export function pskcUtils(program: 'csv2pskc' | 'pskc2csv', args: string[], input = ''): string {
  const { pskcUtils: found } = readServers();
  if (found === undefined) throw new Error('pskc-utils are not here: npm test fetches them with apt');
  const folder = dirname(found);
  const PYTHONPATH = join(folder, '..', 'lib', 'python3', 'dist-packages');
  const done = spawnSync(join(folder, program), args, { input, encoding: 'utf8', env: { ...process.env, PYTHONPATH } });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} ended with ${done.status}: ${done.stderr}`);
}
