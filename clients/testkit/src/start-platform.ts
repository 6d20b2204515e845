import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Platform, preparedPlatform, type StartOptions, type TenantWish } from '@countersign/local';
import { neededServers } from './needed-servers.js';
import { StartedPlatform } from './started-platform.js';

export interface StartPlatformOptions extends StartOptions {
  /** default: acme and beta, each with the callers app (verifier), desk (enroller), ops (operator), audit (auditor) */
  tenants?: TenantWish[];
  /**
   * `shared`: the HSM's keys and all credentials are those of every platform that is started so from this clone, which
   * saves a second. `own`: made for this one. Default: shared
   */
  keys?: 'shared' | 'own';
  /** moves the clocks of verification and enrollment, ms; beyond 5 s from NATS' clock they refuse to decide */
  clockOffsetMs?: number;
}

/**
 * Starts the real servers and services on free ports, with their state in a folder of its own under the temporary one, and
 * waits until they answer. Processes and folder are gone after `stop()`, and when this process ends in any other way.
 * Throws Error saying what to run when Countersign is not built or a server is missing.
 */
export async function startPlatform(options: StartPlatformOptions = {}): Promise<StartedPlatform> {
  return new StartedPlatform(await launch(options));
}

/** The same as a Platform of `@countersign/local`. */
export async function launch(options: StartPlatformOptions): Promise<Platform> {
  const { tenants, keys = 'shared', clockOffsetMs, ...start } = options;
  const servers = neededServers();
  const copyOf = keys === 'shared' ? await preparedPlatform(servers, tenants) : undefined;
  const platform = await Platform.create({
    folder: mkdtempSync(join(tmpdir(), 'countersign-world-')),
    afterwards: 'remove',
    servers,
    ...(tenants && { tenants }),
    ...(copyOf !== undefined && { copyOf }),
  });
  try {
    await platform.start({ ...start, variables: withClocks(start.variables, clockOffsetMs) });
  } catch (error) {
    await platform.remove();
    throw error;
  }
  return platform;
}

type Variables = NonNullable<StartOptions['variables']>;

function withClocks(variables: Variables = {}, offsetMs: number | undefined): Variables {
  if (offsetMs === undefined) return variables;
  const clock = { CLOCK_OFFSET_MS: String(offsetMs) };
  return {
    ...variables,
    verification: { ...clock, ...variables['verification'] },
    enrollment: { ...clock, ...variables['enrollment'] },
  };
}
