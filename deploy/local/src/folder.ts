import { join, resolve } from 'node:path';
import { privateFolder } from './private-files.js';
import { ROOT } from './root.js';

export const DEFAULT_FOLDER = join(ROOT, '.countersign');

/** Where everything of one platform lies. Folders are 0700, files 0600. */
export class StateFolder {
  readonly path: string;

  constructor(path: string = DEFAULT_FOLDER) {
    this.path = resolve(path);
  }

  /** what exists: tenants, callers, public nkeys, ports */
  readonly plan = (): string => this.in('platform.json');
  readonly lock = (): string => this.in('up.lock');
  /** held for the moment in which the plan is changed */
  readonly planLock = (): string => this.in('plan.lock');
  /** processes that run now, for whoever has to end them when their supervisor cannot */
  readonly children = (): string => this.in('children.json');

  readonly natsConfig = (server = 'nats'): string => this.in('nats', `${server}.conf`);
  readonly natsStore = (server = 'nats'): string => this.in('nats', server === 'nats' ? 'store' : server);
  /** of a Redis or a Sentinel */
  readonly redisConfig = (server = 'redis'): string => this.in('redis', `${server}.conf`);
  readonly redisData = (server = 'redis'): string => (server === 'redis' ? this.in(server) : this.in('redis', server));

  readonly hsmConfig = (): string => this.in('hsm', 'softhsm2.conf');
  readonly hsmTokens = (): string => this.in('hsm', 'tokens');
  readonly hsmPin = (): string => this.in('hsm', 'pin');
  readonly hsmSecurityOfficerPin = (): string => this.in('hsm', 'so-pin');
  /** public keys and the masters' check values: what clients and services pin */
  readonly hsmPublic = (): string => this.in('hsm', 'public.json');
  /** where a ceremony that is held elsewhere leaves that file */
  readonly published = (): string => this.in('public');
  /** to whom the key service seals codes */
  readonly recipients = (): string => this.in('hsm', 'recipients.json');
  /** the log's verifier key, in one line: what auditors are given */
  readonly auditKey = (): string => this.in('hsm', 'audit.key');

  /** nkey seed of a service, of `operator` or of `setup` */
  readonly credential = (identity: string): string => this.in('credentials', `${identity}.nk`);
  /** of a caller: its nkey seed, or with TLS its certificate (`pem`) and the certificate's private key (`key`) */
  readonly callerCredential = (tenant: string, caller: string, kind: 'nk' | 'pem' | 'key' = 'nk'): string =>
    this.in('credentials', 'tenants', tenant, `${caller}.${kind}`);

  /** certificates and their private keys, where the platform has TLS */
  readonly tls = (file: string): string => this.in('tls', file);
  /** the private key that signs them: belongs offline */
  readonly tlsAuthority = (): string => this.tls('authority.key');
  /** whom everybody trusts */
  readonly tlsTrusted = (): string => this.tls('ca.pem');

  /** private key of whoever a tenant has codes sealed to */
  readonly recipientKey = (tenant: string, name: string): string =>
    this.in('credentials', 'tenants', tenant, `${name}.recipient`);

  readonly secret = (name: SecretName): string => this.in('secrets', name);
  /** the small files that processes keep: high-water marks, positions */
  readonly state = (file: string): string => this.in('state', file);
  readonly log = (process: string): string => this.in('logs', `${process}.log`);
  /** software devices that the cli holds */
  readonly devices = (): string => this.in('devices');
  /** variables of delivery that somebody wrote: its relay, its tenants' senders */
  readonly deliveryVariables = (): string => this.in('delivery', 'variables.json');

  make(): void {
    for (const name of FOLDERS) privateFolder(this.in(name));
  }

  private in(...names: string[]): string {
    return join(this.path, ...names);
  }
}

export type SecretName =
  | 'directory-index.key'
  | 'directory-names.key'
  | 'verification.key'
  | 'delivery.key'
  | 'redis-verification.password'
  | 'redis-admin.password'
  | 'nats-routes.password';

const FOLDERS = [
  '.',
  'nats',
  'nats/store',
  'redis',
  'hsm',
  'hsm/tokens',
  'credentials',
  'credentials/tenants',
  'secrets',
  'tls',
  'state',
  'logs',
  'devices',
];
