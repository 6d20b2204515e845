import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, libraryVariables, type Servers, type StateFolder } from '@countersign/local';
import { SystemRandom } from '@countersign/runtime';

/** Gives the token another PIN, by a program that knows nothing of the service; what comes back writes it to its file. */
export function changePin(folder: StateFolder, servers: Servers): () => void {
  const to = new SystemRandom().bytes(12).toString('hex');
  execFileSync(process.execPath, [join(ROOT, 'test/hsm/set-pin.mjs')], {
    env: { ...libraryVariables(servers), SOFTHSM2_CONF: folder.hsmConfig() },
    input: JSON.stringify({
      module: servers.softhsmModule,
      label: 'countersign',
      from: readFileSync(folder.hsmPin(), 'utf8').trim(),
      to,
    }),
  });
  return () => writeFileSync(folder.hsmPin(), to);
}
