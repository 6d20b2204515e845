import { busOptions, type BusOptions } from '@countersign/bus';
import type { Environment, Secret } from '@countersign/runtime';
import { isLoopback } from './channels/loopback.js';
import type { Relay } from './channels/mail/mail-channel.js';
import { Reachable, isNetwork } from './channels/webhook/reachable.js';
import type { HourlyLimits } from './limits/limits.js';
import { Templates } from './templates/templates.js';
import { isJson, readTenants } from './tenants/read-tenants.js';
import { TenantSettings } from './tenants/tenant-settings.js';

/** Everything delivery is told, read once. */
export interface DeliveryConfig {
  /** NATS_*: where the bus is, and who this is on it */
  bus: BusOptions;
  /** the private key that codes are sealed to, as one line of text; the same for every replica */
  key: Secret;
  tenants: TenantSettings;
  templates: Templates;
  /** absent: no mail is sent */
  relay?: Relay;
  reachable: Reachable;
  limits: HourlyLimits;
  /** what was taken within the last hour, so that limits survive a restart */
  recentFile: string;
  /** messages in memory, waiting ones included; more are refused */
  maxInHand: number;
  /** attempts at once: connections that a relay sees */
  attemptsAtOnce: number;
  /** the longest that one attempt may take, so that a silent relay does not cost a code's whole life */
  attemptMs: number;
  /** requests at once; more are refused instead of queueing */
  maxInFlight: number;
}

/** Throws ConfigError naming every variable that is wrong. */
export function readConfig(environment: Environment): DeliveryConfig {
  const relay = readRelay(environment);
  const config: DeliveryConfig = {
    bus: busOptions(environment, 'delivery'),
    key: environment.secretFile('DELIVERY_KEY_FILE', "the private key of this service's recipient, one line"),
    tenants: tenantsOf(environment),
    templates: templatesOf(environment),
    ...(relay && { relay }),
    reachable: new Reachable(networksOf(environment)),
    limits: {
      perRecipient: environment.integer('DELIVERIES_PER_RECIPIENT', {
        unit: 'messages an hour',
        min: 1,
        max: 1000,
        fallback: 5,
      }),
      perTenant: environment.integer('DELIVERIES_PER_TENANT', {
        unit: 'messages an hour',
        min: 1,
        max: 1_000_000,
        fallback: 1000,
      }),
    },
    recentFile: environment.text('DELIVERY_RECENT_FILE', 'the path of a file that this service may write'),
    maxInHand: environment.integer('MAX_IN_HAND', { unit: 'messages', min: 1, max: 100_000, fallback: 1000 }),
    attemptsAtOnce: environment.integer('ATTEMPTS_AT_ONCE', { unit: 'attempts', min: 1, max: 1000, fallback: 16 }),
    attemptMs: environment.integer('ATTEMPT_MS', { unit: 'ms', min: 100, max: 60_000, fallback: 10_000 }),
    maxInFlight: environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 1, max: 4096, fallback: 256 }),
  };
  environment.finish();
  return config;
}

function readRelay(environment: Environment): Relay | undefined {
  if (!environment.has('SMTP_SERVER')) return undefined;
  const server = environment.text('SMTP_SERVER', 'host:port of a mail relay', { pattern: /^[^\s:,]+:\d{1,5}$/ });
  const [host = '', port = ''] = server.split(':');
  const security = environment.oneOf('SMTP_SECURITY', ['starttls', 'tls', 'none'] as const, 'starttls');
  if (security === 'none' && !isLoopback(host))
    environment.problem(
      'SMTP_SECURITY',
      `is none; with ${host}, which is another machine, it should be tls or starttls`,
      '',
    );
  const user = environment.text('SMTP_USERNAME', 'the name that the relay knows', { fallback: '-' });
  return {
    host,
    port: Number(port),
    security,
    ...(environment.has('SMTP_USERNAME') && {
      login: { user, password: environment.secretFile('SMTP_PASSWORD_FILE', "that user's password at the relay") },
    }),
    ...(environment.has('SMTP_CA_FILE') && {
      ca: environment.secretFile('SMTP_CA_FILE', 'certificates to trust, as PEM').reveal().toString('utf8'),
    }),
  };
}

function networksOf(environment: Environment): string[] {
  if (!environment.has('WEBHOOK_NETWORKS')) return [];
  const expected = 'networks like 10.1.0.0/16,fd00::/8';
  const networks = environment.text('WEBHOOK_NETWORKS', expected).split(',');
  if (networks.every(isNetwork)) return networks;
  return environment.problem('WEBHOOK_NETWORKS', `is "${networks.join()}"; it should be ${expected}`, []);
}

function tenantsOf(environment: Environment): TenantSettings {
  if (!environment.has('DELIVERY_TENANTS_FILE')) return new TenantSettings(new Map());
  const settings = environment.jsonFile('DELIVERY_TENANTS_FILE', 'an object with a field for each tenant', isJson);
  const path = environment.text('DELIVERY_TENANTS_FILE', 'the path of a file');
  return readTenants(settings ?? {}, path, (at, right) =>
    environment.problem('DELIVERY_TENANTS_FILE', `says at ${at} what should be ${right}`, ''),
  );
}

function templatesOf(environment: Environment): Templates {
  const problem = (text: string): void =>
    environment.problem('DELIVERY_TEMPLATES', `has what is no template: ${text}`, undefined);
  const folder = environment.text('DELIVERY_TEMPLATES', 'the path of a folder', { fallback: SHIPPED_ONLY });
  try {
    return Templates.read(folder === SHIPPED_ONLY ? undefined : folder, problem);
  } catch (error) {
    problem(`${folder} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    return Templates.read(undefined, problem);
  }
}

const SHIPPED_ONLY = 'none';
