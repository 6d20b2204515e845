import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SystemClock } from '@countersign/runtime';
import { DEFAULT_FOLDER } from './folder.js';
import { DEV_TENANTS, type TenantWish } from './plan.js';
import { Platform } from './platform.js';
import { ROOT } from './root.js';
import type { Servers } from './runtime.js';

/** Whoever makes a platform runs these; when one was built anew, what it made before is not taken any more. */
const MAKERS = ['deploy/local', 'libs/contracts', 'libs/ledger', 'libs/sealing', 'services/key-derivation'];
const NO_SERVICES = { enrollment: 0, 'key-derivation': 0, verification: 0, audit: 0, delivery: 0 };
const KEPT_MS = 600_000; // nobody takes so long to copy one

/**
 * The folder of a platform that never served anybody, with these tenants, to be copied: a copy starts a second sooner than
 * a platform made from nothing. Made at the first call, kept in the clone. Several processes may ask at once.
 */
export async function preparedPlatform(servers: Servers, tenants: TenantWish[] = DEV_TENANTS): Promise<string> {
  const place = join(DEFAULT_FOLDER, 'prepared', keyOf(servers, tenants));
  if (existsSync(place)) return place;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-prepared-'));
  const platform = await Platform.create({ folder, tenants, servers, afterwards: 'remove' });
  try {
    await platform.start({ replicas: NO_SERVICES });
    await platform.stop();
    put(folder, place);
  } finally {
    await platform.remove();
  }
  return place;
}

/** What decides how such a platform looks. */
function keyOf(servers: Servers, tenants: TenantWish[]): string {
  const built = MAKERS.map((maker) => statesIn(join(ROOT, maker, 'dist')));
  return createHash('sha256')
    .update(JSON.stringify([servers, tenants, built]))
    .digest('hex')
    .slice(0, 16);
}

const statesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => {
      const { mtimeMs, size } = statSync(join(folder, name));
      return `${name} ${mtimeMs} ${size}`;
    });

/** Whole or not at all, and only the first of several; takes those away that an older build made. */
function put(folder: string, place: string): void {
  const room = dirname(place);
  mkdirSync(room, { recursive: true, mode: 0o700 });
  const old = new SystemClock().now() - KEPT_MS;
  for (const name of readdirSync(room))
    if (statSync(join(room, name)).mtimeMs < old) rmSync(join(room, name), { recursive: true, force: true });
  const draft = join(room, `${basename(place)}.${process.pid}`);
  cpSync(folder, draft, { recursive: true });
  try {
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(place)) throw error;
  }
}
