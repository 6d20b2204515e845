import type { ServiceName } from '@countersign/contracts';
import type { Random } from '@countersign/runtime';
import type { Network } from './cluster/network.js';
import type { Topology } from './cluster/places.js';
import type { StateFolder } from './folder.js';
import type { Afterwards } from './guard.js';
import type { TenantWish } from './plan.js';
import type { RestartPolicy } from './program.js';
import type { Servers } from './runtime.js';
import type { SupervisedProcess } from './supervised.js';

export interface PlatformOptions {
  /** state folder; default: `.countersign` in the clone */
  folder?: string;
  /** default: acme and beta, each with the callers app, desk, ops, audit */
  tenants?: TenantWish[];
  servers?: Servers;
  /** `remove`: the folder goes with `remove()`, and when this process ends in any way, kill -9 too; default: `keep` */
  afterwards?: Afterwards;
  /** the folder of a platform that is down: this one begins as a copy of it, ledger and keys too */
  copyOf?: string;
  random?: Random;
  /**
   * fixed when the platform is made; default `single`. `cluster`: NATS servers nats-1 to nats-3 with a copy of the ledger
   * each, redis-1 with its replica redis-2, sentinel-1 to sentinel-3
   */
  topology?: Topology;
  /** fixed when the platform is made: NATS and Redis with TLS, and a certificate for everybody */
  tls?: true;
  /** default: everything on 127.0.0.1 */
  network?: Network;
  /** for tests of what a platform does on another configuration: has the last word about that of each NATS server */
  natsConfig?: (text: string, folder: StateFolder) => string;
}

export interface StartOptions {
  /** of each service; default 1; 0 leaves a service out */
  replicas?: Partial<Record<ServiceName, number>>;
  /** added to a process's environment, by service (`verification`) or by process (`verification-2`), or for `all` */
  variables?: Record<string, Record<string, string>>;
  /** `never`: what dies stays down until it is started by hand */
  restarts?: RestartPolicy | 'never';
  /** told of each change of a process's state */
  watch?: (process: SupervisedProcess) => void;
  /** told what is being done, for people */
  say?: (line: string) => void;
}
