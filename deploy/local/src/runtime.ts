import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.js';

/** Where the servers are: written by the set-up (deploy/bootstrap), absolute paths. */
export interface Servers {
  natsServer: string;
  /** its own name tells it what to be: do not resolve the link */
  redisServer: string;
  /** the PKCS#11 library */
  softhsmModule: string;
  softhsmUtil: string;
  /** only where tests were set up */
  oathtool?: string;
  /** a release whose clusters acknowledge rival appends; only where tests were set up and Debian 12 is at hand */
  natsServerOld?: string;
  /** ip(8), to make and cut networks; only where tests were set up, on Linux */
  ip?: string;
  /** Chromium's headless shell; only where tests were set up, and there is apt */
  chromium?: string;
  /** pskc2csv, with csv2pskc beside it; only where tests were set up, on Debian and the like */
  pskcUtils?: string;
  /** for LD_LIBRARY_PATH of redis-server and of the process that loads the module; '' when none is needed */
  libraryPath: string;
}

export const SERVERS_FILE = join(ROOT, '.countersign', 'runtime', 'servers.json');

/** Throws Error saying what to run when the set-up was not done. */
export function readServers(file = SERVERS_FILE): Servers {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Servers;
  } catch (cause) {
    throw new Error(`the servers are not set up yet (${file} is missing); run: npm start`, { cause });
  }
}

/** The variable that lets unpacked programs find their libraries; nothing when they need none. */
export function libraryVariables({ libraryPath }: Pick<Servers, 'libraryPath'>): Record<string, string> {
  return libraryPath === '' ? {} : { LD_LIBRARY_PATH: libraryPath };
}
