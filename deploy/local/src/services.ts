import { SERVICES, type ServiceName } from '@countersign/contracts';
import { childVariables } from './child-variables.js';
import { addressOf, type ServerPlaces } from './cluster/places.js';
import { MASTER_NAME } from './cluster/sentinel.js';
import type { StateFolder } from './folder.js';
import { deliveryVariables } from './delivery.js';
import { AUDIT_ORIGIN, auditKey, hsmVariables } from './hsm.js';
import type { Program } from './program.js';
import { REDIS_USER } from './redis.js';
import { programOf } from './root.js';
import type { StartOptions } from './options.js';
import type { Plan } from './plan.js';
import { tlsOf } from './tls/certificates.js';
import type { Servers } from './runtime.js';
import { untilYes } from './wait-until.js';

export interface ServicePlaces {
  folder: StateFolder;
  servers: Servers;
  at: ServerPlaces;
  plan: Pick<Plan, 'tls'>;
}

const READY = '"message":"ready"'; // runService logs it once its subscriptions stand

/** Every replica of every service, with the variables that were asked for. */
export function servicePrograms(places: ServicePlaces, { replicas = {}, variables = {} }: StartOptions): Program[] {
  return SERVICES.flatMap((service) =>
    Array.from({ length: replicas[service] ?? 1 }, (_, index) => {
      const replica = index + 1;
      const overrides = { ...variables['all'], ...variables[service], ...variables[`${service}-${replica}`] };
      return serviceProgram(service, replica, places, overrides);
    }),
  );
}

/** One replica of a service as a program. `overrides` win over what is set here. */
export function serviceProgram(
  service: ServiceName,
  replica: number,
  places: ServicePlaces,
  overrides: Record<string, string> = {},
): Program {
  const name = `${service}-${replica}`;
  const { folder, at } = places;
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', programOf(`services/${service}`, 'main.js')],
    variables: {
      ...childVariables(),
      NODE_ENV: 'production',
      OBSERVE_ADDRESS: '127.0.0.1:0', // a free port, which the log names
      NATS_SERVERS: at.nats.map(addressOf).join(),
      NATS_NKEY_FILE: folder.credential(service),
      ...tlsVariables(places, service),
      ...own[service](places, name),
      ...overrides,
    },
    logFile: folder.log(name),
    ready: (life) => untilYes(life, () => life.logged().includes(READY)),
  };
}

function tlsVariables({ folder, plan }: ServicePlaces, service: ServiceName): Record<string, string> {
  const files = tlsOf(folder, plan, service);
  return files ? { NATS_CA_FILE: files.caFile, NATS_CERT_FILE: files.certFile, NATS_KEY_FILE: files.keyFile } : {};
}

/** What every service that reads the ledger makes sure by that it did not go back. */
const highWater = (folder: StateFolder, name: string) => ({
  HIGH_WATER_FILE: folder.state(`${name}.high-water.json`),
  AUDIT_KEY: auditKey(folder),
});

const redisVariables = (folder: StateFolder, { redis, sentinels }: ServerPlaces): Record<string, string> =>
  sentinels.length === 0
    ? { REDIS_SERVER: redis.map(addressOf).join() }
    : {
        REDIS_SENTINELS: sentinels.map(addressOf).join(),
        REDIS_SENTINEL_NAME: MASTER_NAME,
        REDIS_SENTINEL_PASSWORD_FILE: folder.secret('redis-verification.password'),
      };

/** What each service's config.ts reads beside the bus. */
const own: Record<ServiceName, (places: ServicePlaces, name: string) => Record<string, string>> = {
  enrollment: ({ folder }, name) => ({
    DIRECTORY_INDEX_FILE: folder.secret('directory-index.key'),
    DIRECTORY_NAMES_FILE: folder.secret('directory-names.key'),
    HSM_PUBLIC_FILE: folder.hsmPublic(),
    ...highWater(folder, name),
  }),
  'key-derivation': ({ folder, servers }) => ({
    ...hsmVariables(folder, servers),
    AUDIT_ORIGIN,
    ISSUE_RECIPIENTS_FILE: folder.recipients(),
  }),
  verification: ({ folder, at, plan }, name) => ({
    DIRECTORY_INDEX_FILE: folder.secret('directory-index.key'),
    VERIFICATION_SECRET_FILE: folder.secret('verification.key'),
    ...redisVariables(folder, at),
    REDIS_USERNAME: REDIS_USER,
    REDIS_PASSWORD_FILE: folder.secret('redis-verification.password'),
    ...(plan.tls && { REDIS_CA_FILE: folder.tlsTrusted() }),
    ...highWater(folder, name),
  }),
  audit: ({ folder }, name) => ({
    DIRECTORY_INDEX_FILE: folder.secret('directory-index.key'),
    AUDIT_POSITION_FILE: folder.state(`${name}.position.json`),
    ...highWater(folder, name),
  }),
  delivery: ({ folder }, name) => deliveryVariables(folder, name),
};
