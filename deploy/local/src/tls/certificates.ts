import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SERVICES } from '@countersign/contracts';
import { SystemClock, SystemRandom, type Clock, type Random } from '@countersign/runtime';
import type { StateFolder } from '../folder.js';
import { placesOf, type Plan } from '../plan.js';
import { HOST } from '../ports.js';
import { privateFolder, writePrivate } from '../private-files.js';
import { Authority } from './authority.js';

/** What one end of a connection needs: whom to trust, and what to show. */
export interface TlsFiles {
  caFile: string;
  certFile: string;
  keyFile: string;
}

/** One certificate of a platform. */
export interface Held extends Omit<TlsFiles, 'caFile'> {
  /** who it is for: `nats`, `verification`, `acme/app` */
  name: string;
  hosts: string[];
}

const DAY_MS = 86_400_000;
/** With less left than this a start makes a new one. */
const RENEW_DAYS = 30;

/** Whoever connects, and whoever is connected to. */
export function heldCertificates(folder: StateFolder, plan: Plan): Held[] {
  const servers = ['nats', 'redis'].map((name) => ({
    name,
    hosts: [...new Set(['localhost', HOST, name, ...placesIn(plan)])],
  }));
  const own = [...SERVICES, 'operator', 'setup'].map((name) => ({ name, hosts: [] }));
  return [
    ...[...servers, ...own].map((each) => ({ ...each, ...ownTls(folder, each.name) })),
    ...plan.tenants.flatMap(({ name: tenant, callers }) =>
      callers.map(({ name }) => ({ name: `${tenant}/${name}`, hosts: [], ...callerTls(folder, tenant, name) })),
    ),
  ];
}

/** Makes the certificates that are missing or soon expire, or `all` of them anew; their names. */
export async function makeCertificates(
  folder: StateFolder,
  plan: Plan,
  which: 'missing' | 'all' = 'missing',
  parts: { clock: Clock; random: Random } = { clock: new SystemClock(), random: new SystemRandom() },
): Promise<string[]> {
  const soon = parts.clock.now() + RENEW_DAYS * DAY_MS;
  const authority = await Authority.of(folder, parts.clock, parts.random);
  const made: string[] = [];
  for (const { name, hosts, certFile, keyFile } of heldCertificates(folder, plan)) {
    if (which === 'missing' && (expiryOf(certFile) ?? 0) > soon) continue;
    const signed = await authority.sign(name, hosts);
    privateFolder(dirname(keyFile));
    writePrivate(keyFile, signed.key);
    writePrivate(certFile, signed.certificate);
    made.push(name);
  }
  return made;
}

/** When a certificate ends, ms since 1970; undefined when there is none. Throws Error for a file that holds none. */
export function expiryOf(path: string): number | undefined {
  return existsSync(path) ? Date.parse(new X509Certificate(readFileSync(path)).validTo) : undefined;
}

/** Of a service, a server, `operator` or `setup`; nothing on a platform without TLS. */
export const tlsOf = (folder: StateFolder, { tls }: Pick<Plan, 'tls'>, name: string): TlsFiles | undefined =>
  tls ? { caFile: folder.tlsTrusted(), ...ownTls(folder, name) } : undefined;

export const callerTlsOf = (
  folder: StateFolder,
  { tls }: Pick<Plan, 'tls'>,
  tenant: string,
  caller: string,
): TlsFiles | undefined => (tls ? { caFile: folder.tlsTrusted(), ...callerTls(folder, tenant, caller) } : undefined);

const ownTls = (folder: StateFolder, name: string): Omit<TlsFiles, 'caFile'> => ({
  certFile: folder.tls(`${name}.pem`),
  keyFile: folder.tls(`${name}.key`),
});

const callerTls = (folder: StateFolder, tenant: string, caller: string): Omit<TlsFiles, 'caFile'> => ({
  certFile: folder.callerCredential(tenant, caller, 'pem'),
  keyFile: folder.callerCredential(tenant, caller, 'key'),
});

function placesIn(plan: Plan): string[] {
  const { nats, redis } = placesOf(plan);
  return [...nats, ...redis].map(({ host }) => host);
}
