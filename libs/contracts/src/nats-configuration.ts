import type { Caller, Tenant } from './names.js';
import { OPERATOR_RIGHTS, SETUP_RIGHTS, WATCHED, callerRights, serviceRights, type Rights } from './rights.js';
import {
  SERVICES,
  VERBS,
  courierSubject,
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
/** Of those who look and write nothing: audit, and the platform's operator. */
export const WATCH_ACCOUNT = 'WATCH';
export const tenantAccount = (tenant: Tenant): string => `TENANT_${tenant}`;

/**
 * An account without streams of its own has a JetStream that answers "not enabled" beside any import, and first. So
 * questions to JetStream are imported under another name, which the server puts in place of the usual one.
 */
const watchedAs = (subject: string): string => (isJetStream(subject) ? `watched.${subject}` : subject);
/** nats-server 2.10 checks rights to the name that it put in place. */
const watching = ({ rights, ...rest }: User): User => ({
  ...rest,
  rights: { ...rights, publish: [...new Set(rights.publish.flatMap((subject) => [subject, watchedAs(subject)]))] },
});
const isJetStream = (subject: string): boolean => subject.startsWith('$JS.');

interface User {
  name: string;
  nkey: string;
  rights: Rights;
}

const accountOf = (service: ServiceName): string => (service === 'audit' ? WATCH_ACCOUNT : PLATFORM_ACCOUNT);

/**
 * The `accounts` part of a nats-server's configuration: the platform's account with the streams and those who write
 * them, an account of those who watch, and one for each tenant that imports the public verbs. The platform's account
 * imports nothing, so that no reply from elsewhere can end in it. Generated from the table of rights; never edited by hand.
 */
export function natsAccounts(identities: Identities): string {
  const services = (account: string): User[] =>
    SERVICES.filter((name) => accountOf(name) === account).map((name) => ({
      name,
      nkey: identities.services[name],
      rights: serviceRights(name),
    }));
  const platform = [...services(PLATFORM_ACCOUNT), { name: 'setup', nkey: identities.setup, rights: SETUP_RIGHTS }];
  const watch = [...services(WATCH_ACCOUNT), { name: 'operator', nkey: identities.operator, rights: OPERATOR_RIGHTS }];
  const toTenants = identities.tenants.map(
    ({ name }) => `{ service: ${quote(tenantExport(name))}, accounts: [${quote(tenantAccount(name))}] }`,
  );
  const toCouriers = identities.tenants.map(
    ({ name }) => `{ stream: ${quote(courierSubject('*', name))}, accounts: [${quote(tenantAccount(name))}] }`,
  );
  const toWatch = WATCHED.map((subject) => {
    const answers = subject === '$SRV.>' ? ', response_type: stream' : ''; // every replica answers
    return `{ service: ${quote(subject)}, accounts: [${WATCH_ACCOUNT}]${answers} }`;
  });
  return [
    'accounts {',
    `  ${PLATFORM_ACCOUNT} {`,
    '    jetstream: enabled',
    ...list('exports', [...toTenants, ...toCouriers, ...toWatch]),
    ...list('users', platform.map(user)),
    '  }',
    `  ${WATCH_ACCOUNT} {`,
    ...list('exports', toTenants),
    ...list(
      'imports',
      WATCHED.map((subject) => service(PLATFORM_ACCOUNT, subject, watchedAs(subject))),
    ),
    '    mappings: {',
    ...WATCHED.filter(isJetStream).map((subject) => `      ${quote(subject)}: ${quote(watchedAs(subject))}`),
    '    }',
    ...list('users', watch.map(watching).map(user)),
    '  }',
    ...identities.tenants.flatMap(tenantSection),
    '  SYS {}',
    '}',
    'system_account: SYS',
    '',
  ].join('\n');
}

/**
 * What a tenant's account may hold of the server's memory: so many connections, and subscriptions on each (a caller needs
 * one; a client that makes one for each request, as many as it asks at once). About 1 KB each.
 */
const TENANT_LIMITS = 'limits { max_connections: 1000, max_subscriptions: 256 }';

function tenantSection({ name, callers }: Identities['tenants'][number]): string[] {
  const imported = verbs.map((verb) =>
    service(accountOf(VERBS[verb].service), tenantSubject(name, verb), importedSubject(verb)),
  );
  const couriers = `{ stream: { account: ${PLATFORM_ACCOUNT}, subject: ${quote(courierSubject('*', name))} }, to: ${quote(courierSubject('*'))} }`;
  const users = callers.map(({ name, nkey, role }) => user({ name, nkey, rights: callerRights(name, role) }));
  const opening = [`  ${quote(tenantAccount(name))} {`, `    ${TENANT_LIMITS}`];
  return [...opening, ...list('imports', [...imported, couriers]), ...list('users', users), '  }'];
}

/** An import: questions on `to`, here, are questions on `subject` in that account. */
const service = (account: string, subject: string, to = subject): string =>
  `{ service: { account: ${account}, subject: ${quote(subject)} }, to: ${quote(to)} }`;

function list(name: string, entries: string[]): string[] {
  return [`    ${name}: [`, ...entries.map((entry) => `      ${entry}`), '    ]'];
}

function user({ name, nkey, rights }: User): string {
  const deny = rights.denyPublish?.length ? `, deny: ${subjects(rights.denyPublish)}` : '';
  // an empty list would allow everything
  const publish =
    rights.publish.length === 0 ? 'publish: { deny: [">"] }' : `publish: { allow: ${subjects(rights.publish)}${deny} }`;
  const subscribe = `subscribe: { allow: ${subjects(rights.subscribe)} }`;
  return `{ nkey: ${nkey}, permissions: { ${publish}, ${subscribe} } } # ${name}`;
}

const quote = (text: string): string => JSON.stringify(text);
const subjects = (names: string[]): string => `[${names.map(quote).join(', ')}]`;
