import { AUDIT_KEY, auditKeyIn, type VerifierKey } from '@countersign/ledger';
import type { Environment, Secret } from '@countersign/runtime';

/** What verification reads at start. Every field says what it prevents. */
export interface VerificationConfig {
  /** HMAC secret that all replicas share: what is cached in Redis carries a MAC under it */
  secret: Secret;
  /** the secret before a rotation, still believed */
  previousSecret?: Secret;
  /** finds names in the directory */
  directoryIndex: Secret;
  highWaterFile: string;
  /** who signs the log; a ledger that ends before the last checkpoint went back */
  auditKey: VerifierKey;
  redis: RedisConfig;
  /** requests at a time; more get UNAVAILABLE at once instead of a growing queue */
  maxInFlight: number;
  /** accounts whose highest sequence, and names whose binding, are kept in memory */
  rememberedAccounts: number;
  /** shifts this replica's clock; for tests of clock trouble only */
  clockOffsetMs: number;
}

export interface RedisConfig {
  at: RedisAt;
  username: string;
  password: Secret;
  /** certificates to trust, PEM; with them every connection to Redis and Sentinels is TLS */
  ca?: string;
  /** how long a window stays cached, ms */
  windowMs: number;
}

/** One Redis, or the Sentinels that know which of several is the master now. */
export type RedisAt =
  | ({ kind: 'server' } & HostPort)
  | {
      kind: 'sentinels';
      sentinels: HostPort[];
      /** under which they know the master */
      name: string;
      /** of the same user at the Sentinels; absent: they ask for none */
      password?: Secret;
    };

export interface HostPort {
  host: string;
  port: number;
}

export function readConfig(environment: Environment): VerificationConfig {
  const secret = 'random bytes, the same for every replica of verification';
  return {
    secret: environment.secretFile('VERIFICATION_SECRET_FILE', secret, { bytes: 32 }),
    ...(environment.has('VERIFICATION_SECRET_PREVIOUS_FILE') && {
      previousSecret: environment.secretFile('VERIFICATION_SECRET_PREVIOUS_FILE', secret, { bytes: 32 }),
    }),
    directoryIndex: environment.secretFile('DIRECTORY_INDEX_FILE', "the directory's index secret", {
      bytes: 32,
    }),
    highWaterFile: environment.text('HIGH_WATER_FILE', 'the path of a file in a folder that this service can write'),
    auditKey: auditKeyIn(environment, environment.text('AUDIT_KEY', AUDIT_KEY)),
    redis: {
      at: readRedisAt(environment),
      username: environment.text('REDIS_USERNAME', 'the user of the access list', { fallback: 'verification' }),
      password: environment.secretFile('REDIS_PASSWORD_FILE', "that user's password"),
      ...(environment.has('REDIS_CA_FILE') && {
        ca: environment.pemFile('REDIS_CA_FILE', 'certificates to trust (PEM)'),
      }),
      windowMs: environment.integer('REDIS_WINDOW_MS', {
        unit: 'ms',
        min: 1_000,
        max: 86_400_000,
        fallback: 3_600_000,
      }),
    },
    maxInFlight: environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 1, max: 10_000, fallback: 512 }),
    rememberedAccounts: environment.integer('REMEMBERED_ACCOUNTS', {
      unit: 'accounts',
      min: 100,
      max: 10_000_000,
      fallback: 100_000,
    }),
    clockOffsetMs: environment.integer('CLOCK_OFFSET_MS', {
      unit: 'ms',
      min: -86_400_000,
      max: 86_400_000,
      fallback: 0,
    }),
  };
}

const HOST_PORT = /^[^\s:,]+:\d{1,5}$/;
const HOST_PORTS = /^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/;

function readRedisAt(environment: Environment): RedisAt {
  if (!environment.has('REDIS_SENTINELS')) {
    const server = environment.text('REDIS_SERVER', 'host:port of Redis (or set REDIS_SENTINELS)', {
      pattern: HOST_PORT,
    });
    return { kind: 'server', ...hostPort(environment, 'REDIS_SERVER', server) };
  }
  if (environment.has('REDIS_SERVER'))
    environment.problem('REDIS_SERVER', 'is set, and so is REDIS_SENTINELS; only one of them should be', '');
  const sentinels = environment.text('REDIS_SENTINELS', 'host:port of each Sentinel, separated by commas', {
    pattern: HOST_PORTS,
  });
  return {
    kind: 'sentinels',
    sentinels: sentinels.split(',').map((each) => hostPort(environment, 'REDIS_SENTINELS', each)),
    name: environment.text('REDIS_SENTINEL_NAME', 'the name of the master at the Sentinels', {
      fallback: 'countersign',
    }),
    ...(environment.has('REDIS_SENTINEL_PASSWORD_FILE') && {
      password: environment.secretFile('REDIS_SENTINEL_PASSWORD_FILE', "the user's password at the Sentinels"),
    }),
  };
}

function hostPort(environment: Environment, variable: string, text: string): HostPort {
  const [host = '', port = ''] = text.split(':');
  if (Number(port) > 65_535) environment.problem(variable, `names "${text}"; a port should be at most 65535`, '');
  return { host, port: Number(port) };
}
