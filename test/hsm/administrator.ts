import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, libraryVariables, type Platform } from '@countersign/local';
import { SystemRandom } from '@countersign/runtime';

/** Changes the token's PIN. What comes back writes it to its file, as an administrator does a while later. */
export function changePin(platform: Platform): () => void {
  const newPin = new SystemRandom().bytes(12).toString('hex');
  administer(platform, platform.folder.hsmConfig(), { newPin });
  return () => writeFileSync(platform.folder.hsmPin(), newPin);
}

/** Makes a copy of the token in `folder`, the same in everything but one master; gives the path of its files. */
export function copyWithAnotherMaster(platform: Platform, folder: string): string {
  const tokens = join(folder, 'tokens');
  const config = join(folder, 'softhsm2.conf');
  cpSync(platform.folder.hsmTokens(), tokens, { recursive: true });
  writeFileSync(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`);
  administer(platform, config, { newMaster: 'countersign-devices-1' });
  return tokens;
}

function administer({ folder, servers }: Platform, config: string, wish: Record<string, string>): void {
  const pin = readFileSync(folder.hsmPin(), 'utf8').trim();
  execFileSync(process.execPath, [join(ROOT, 'test/hsm/administer.mjs')], {
    env: { ...libraryVariables(servers), SOFTHSM2_CONF: config },
    input: JSON.stringify({ module: servers.softhsmModule, label: 'countersign', pin, ...wish }),
  });
}
