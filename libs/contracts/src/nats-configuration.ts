import type { Caller, Tenant } from './names.js';
import { OPERATOR_RIGHTS, SETUP_RIGHTS, callerRights, serviceRights, type Rights } from './rights.js';
import {
  SERVICES,
  importedSubject,
  tenantExport,
  tenantSubject,
  verbs,
  type Role,
  type ServiceName,
} from './subjects.js';

/** Everybody who may connect, by public nkey (`U...`). */
export interface Identities {
  services: Record<ServiceName, string>;
  operator: string;
  setup: string;
  tenants: { name: Tenant; callers: { name: Caller; role: Role; nkey: string }[] }[];
}

export const PLATFORM_ACCOUNT = 'PLATFORM';
export const tenantAccount = (tenant: Tenant): string => `TENANT_${tenant}`;

/**
 * The `accounts` part of a nats-server's configuration: the platform's account with the services, and an account for
 * each tenant that imports the public verbs. Generated from the table of rights; never edited by hand.
 */
export function natsAccounts(identities: Identities): string {
  const platform = [
    ...SERVICES.map((service) => user(service, identities.services[service], serviceRights(service))),
    user('operator', identities.operator, OPERATOR_RIGHTS),
    user('setup', identities.setup, SETUP_RIGHTS),
  ];
  const exported = identities.tenants.map(
    ({ name }) => `{ service: ${quote(tenantExport(name))}, accounts: [${quote(tenantAccount(name))}] }`,
  );
  return [
    'accounts {',
    `  ${PLATFORM_ACCOUNT} {`,
    '    jetstream: enabled',
    ...list('exports', exported),
    ...list('users', platform),
    '  }',
    ...identities.tenants.flatMap(tenantSection),
    '  SYS {}',
    '}',
    'system_account: SYS',
    '',
  ].join('\n');
}

function tenantSection({ name, callers }: Identities['tenants'][number]): string[] {
  const imported = verbs.map((verb) => {
    const service = `{ account: ${PLATFORM_ACCOUNT}, subject: ${quote(tenantSubject(name, verb))} }`;
    return `{ service: ${service}, to: ${quote(importedSubject(verb))} }`;
  });
  const users = callers.map((caller) => user(caller.name, caller.nkey, callerRights(caller.name, caller.role)));
  return [`  ${quote(tenantAccount(name))} {`, ...list('imports', imported), ...list('users', users), '  }'];
}

function list(name: string, entries: string[]): string[] {
  return [`    ${name}: [`, ...entries.map((entry) => `      ${entry}`), '    ]'];
}

function user(name: string, nkey: string, rights: Rights): string {
  const deny = rights.denyPublish?.length ? `, deny: ${subjects(rights.denyPublish)}` : '';
  const publish = `publish: { allow: ${subjects(rights.publish)}${deny} }`;
  const subscribe = `subscribe: { allow: ${subjects(rights.subscribe)} }`;
  return `{ nkey: ${nkey}, permissions: { ${publish}, ${subscribe} } } # ${name}`;
}

const quote = (text: string): string => JSON.stringify(text);
const subjects = (names: string[]): string => `[${names.map(quote).join(', ')}]`;
