import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SERVICES } from '@countersign/contracts';
import type { Plan, StateFolder } from '@countersign/local';
import { nkeyOf } from './nkey.js';
import { ok, wrong, type Finding, type Patient } from './finding.js';

const OTHERS = 0o077; // permissions of group and of everybody else
const OTHERS_MAY_WRITE = 0o022;
const SECRETS = [
  'directory-index.key',
  'directory-names.key',
  'verification.key',
  'delivery.key',
  'redis-verification.password',
  'redis-admin.password',
] as const;

/** Files that others on this machine may read or write. */
export function modes({ folder }: Patient): Finding[] {
  const rooms = [
    dirname(folder.credential('operator')),
    dirname(folder.secret('verification.key')),
    dirname(folder.hsmPin()),
    dirname(folder.tlsTrusted()),
    dirname(folder.state('x')),
    dirname(folder.log('x')),
    folder.devices(),
    folder.natsStore(),
  ];
  const open = [...rooms.filter(existsSync).flatMap(within), folder.plan()].filter((path) =>
    isOpen(path, path === folder.hsmPublic() ? OTHERS_MAY_WRITE : OTHERS),
  );
  if (open.length === 0) return [ok('files', "credentials, secrets, token, ledger and logs are their owner's alone")];
  return open.map((path) =>
    wrong('files', `${path} can be reached by others (mode ${modeOf(path)})`, `chmod go= ${quoted(path)}`),
  );
}

/** Credentials and secrets that are missing, or are not those of the plan. */
export function credentials({ folder, plan }: Patient): Finding[] {
  const missing = SECRETS.map((name) => folder.secret(name))
    .concat(folder.hsmPin(), folder.hsmPublic())
    .filter((path) => !existsSync(path))
    .map((path) => wrong('secrets', `${path} is missing`, 'bring it back from a backup; a new one would not fit'));
  const odd = identities(folder, plan).flatMap(([path, nkey]) => {
    const found = nkeyOf(path);
    if (found === nkey) return [];
    const text = found === undefined ? `${path} is missing or no nkey` : `${path} is not the key that NATS knows`;
    return [wrong('credentials', text, mendOf(folder, path))];
  });
  const all = [...missing, ...odd];
  return all.length > 0 ? all : [ok('credentials', 'every identity of the plan has its key')];
}

function identities(folder: StateFolder, plan: Plan): [string, string][] {
  return [
    ...SERVICES.map((name): [string, string] => [folder.credential(name), plan.services[name]]),
    [folder.credential('operator'), plan.operator],
    [folder.credential('setup'), plan.setup],
    ...plan.tenants.flatMap(({ name, callers }) =>
      callers.map((caller): [string, string] => [folder.callerCredential(name, caller.name), caller.nkey]),
    ),
  ];
}

function mendOf(folder: StateFolder, path: string): string {
  const caller = basename(path, '.nk');
  const tenant = basename(dirname(path));
  return path === folder.callerCredential(tenant, caller)
    ? `countersign caller rotate ${caller} --tenant ${tenant}`
    : 'bring it back from a backup';
}

function within(path: string): string[] {
  if (!lstatSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path).flatMap((name) => within(join(path, name)))];
}

function isOpen(path: string, bits: number): boolean {
  const state = lstatSync(path, { throwIfNoEntry: false });
  return state !== undefined && !state.isSymbolicLink() && (state.mode & bits) !== 0;
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8).padStart(4, '0');
const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The text of a file; undefined when there is none. */
export const textIn = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
