import { SERVICES, type PublicKeys, type ServiceName } from '@countersign/contracts';
import type { Bus } from '@countersign/bus';
import { SystemRandom, type Random } from '@countersign/runtime';
import { ChildRegister } from './children.js';
import { callerCredentials, natsServerOf, type CallerCredentials } from './credentials.js';
import { livingServices, type LivingService } from './discovery.js';
import { StateFolder } from './folder.js';
import { startGuardian } from './guard.js';
import { publicKeys } from './hsm.js';
import { planWith } from './identities.js';
import { setUpLedger } from './ledger.js';
import { takeLock } from './lock.js';
import { makePlatform } from './make-platform.js';
import { connectAs, natsProgram, reloadNats, writeNatsConfig } from './nats.js';
import { DEV_TENANTS, writePlan, type Plan, type TenantWish } from './plan.js';
import { freePort } from './ports.js';
import { RESTARTS, type Program, type RestartPolicy } from './program.js';
import { askRedis, redisProgram, writeRedisConfig } from './redis.js';
import { readServers, type Servers } from './runtime.js';
import { serviceProgram } from './services.js';
import { SupervisedProcess } from './supervised.js';

export interface PlatformOptions {
  /** state folder; default: `.countersign` in the clone */
  folder?: string;
  /** default: acme and beta, each with the callers app, desk, ops, audit */
  tenants?: TenantWish[];
  servers?: Servers;
  random?: Random;
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

const OPERATOR_CONNECTS_WITHIN_MS = 5_000;
const PORT_TRIES = 3; // somebody else may take a free port before our server does

/** A whole platform on this machine: servers and services as supervised processes, state in one folder. */
export class Platform {
  readonly processes: SupervisedProcess[] = [];
  private operator: Bus | undefined;
  private unwind: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly folder: StateFolder,
    readonly servers: Servers,
    private plan: Plan,
  ) {}

  /** Makes what is missing in the folder and takes the rest as it is; starts nothing. Throws AlreadyUp. */
  static async create(options: PlatformOptions = {}): Promise<Platform> {
    const folder = new StateFolder(options.folder);
    const servers = options.servers ?? readServers();
    folder.make();
    const unlock = await takeLock(folder);
    try {
      const tenants = options.tenants ?? DEV_TENANTS;
      return new Platform(
        folder,
        servers,
        await makePlatform(folder, servers, tenants, options.random ?? new SystemRandom()),
      );
    } finally {
      unlock();
    }
  }

  /** Starts everything and waits until all of it is ready. Throws AlreadyUp, or Error with a log's last lines. */
  async start({
    replicas = {},
    variables = {},
    restarts = RESTARTS,
    watch,
    say = () => undefined,
  }: StartOptions = {}): Promise<void> {
    if (this.unwind.length > 0) throw new Error('this platform is started already');
    this.unwind.push(await takeLock(this.folder));
    try {
      this.unwind.push(await startGuardian(this.folder));
      const register = new ChildRegister(this.folder);
      const supervise = (program: Program): SupervisedProcess => {
        const supervised = new SupervisedProcess(program, register, restarts, watch);
        this.processes.push(supervised);
        return supervised;
      };
      await Promise.all([this.startNats(supervise), this.startRedis(supervise)]);
      say(`nats on ${this.natsServer}, redis on port ${this.redisPort}`);
      await this.prepareLedger();
      const programs = this.servicePrograms(replicas, variables);
      await Promise.all(programs.map((program) => supervise(program).start()));
      if (programs.length > 0) say(programs.map(({ name }) => name).join(', '));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops what was started, the last first; the folder can then be started again. */
  async stop(): Promise<void> {
    await this.operator?.close();
    this.operator = undefined;
    const services = this.processes.filter(({ name }) => !isServer(name));
    await Promise.all(services.map((each) => each.stop()));
    await Promise.all(this.processes.filter(({ name }) => isServer(name)).map((each) => each.stop()));
    this.processes.length = 0;
    for (const undo of this.unwind.splice(0).reverse()) await undo();
  }

  /** `nats`, `redis`, `verification-1` ... Throws Error naming those that there are. */
  process(name: string): SupervisedProcess {
    const found = this.processes.find((each) => each.name === name);
    if (found) return found;
    throw new Error(`there is no process ${name}; there are ${this.processes.map((each) => each.name).join(', ')}`);
  }

  /** host:port */
  get natsServer(): string {
    return natsServerOf(this.plan);
  }

  get redisPort(): number {
    if (this.plan.ports.redis === undefined) throw new Error('Redis was never started here');
    return this.plan.ports.redis;
  }

  get tenants(): Plan['tenants'] {
    return this.plan.tenants;
  }

  /** What clients pin. */
  get publicKeys(): PublicKeys {
    return publicKeys(this.folder);
  }

  callerCredentials(tenant: string, caller: string): CallerCredentials {
    return callerCredentials(this.folder, tenant, caller);
  }

  /** One command to Redis as its admin, e.g. ['FLUSHALL']; the first line of the answer. */
  askRedis(command: string[]): Promise<string> {
    return askRedis(this.folder, this.redisPort, command);
  }

  /** A connection as the platform's operator: discovery and the streams' state. Closed by `stop()`. */
  async operatorBus(): Promise<Bus> {
    this.operator ??= await connectAs(this.folder, this.natsServer, 'operator', OPERATOR_CONNECTS_WITHIN_MS);
    return this.operator;
  }

  /** Who answers on the bus now. */
  async livingServices(): Promise<LivingService[]> {
    return livingServices(await this.operatorBus());
  }

  /** Adds a tenant, or callers to one, while everything runs: nobody loses a connection. */
  async addTenant(wish: TenantWish): Promise<void> {
    this.plan = planWith(this.folder, [wish], this.plan);
    writePlan(this.folder, this.plan);
    writeNatsConfig(this.folder, this.plan);
    await reloadNats(this.process('nats'));
    await this.prepareLedger();
  }

  private startNats(supervise: (program: Program) => SupervisedProcess): Promise<void> {
    return this.onFreePort('nats', supervise, () => {
      writeNatsConfig(this.folder, this.plan);
      return natsProgram(this.folder, this.servers, this.natsServer);
    });
  }

  private startRedis(supervise: (program: Program) => SupervisedProcess): Promise<void> {
    return this.onFreePort('redis', supervise, () => {
      writeRedisConfig(this.folder, this.plan);
      return redisProgram(this.folder, this.servers, this.redisPort);
    });
  }

  private async onFreePort(
    name: 'nats' | 'redis',
    supervise: (program: Program) => SupervisedProcess,
    program: () => Program,
  ): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.plan.ports[name] = await freePort(this.plan.ports[name]);
      writePlan(this.folder, this.plan);
      const supervised = supervise(program());
      try {
        return await supervised.start();
      } catch (error) {
        if (tries === PORT_TRIES || (await freePort(this.plan.ports[name])) === this.plan.ports[name]) throw error;
        this.processes.splice(this.processes.indexOf(supervised), 1);
      }
    }
  }

  private async prepareLedger(): Promise<void> {
    const missing = this.plan.tenants.filter(({ name }) => !this.plan.inLedger.includes(name));
    if (missing.length === 0) return;
    await setUpLedger(this.folder, this.natsServer, missing);
    this.plan.inLedger.push(...missing.map(({ name }) => name));
    writePlan(this.folder, this.plan);
  }

  private servicePrograms(
    replicas: Partial<Record<ServiceName, number>>,
    variables: Record<string, Record<string, string>>,
  ): Program[] {
    const places = {
      folder: this.folder,
      servers: this.servers,
      natsServer: this.natsServer,
      redisPort: this.redisPort,
    };
    return SERVICES.flatMap((service) =>
      Array.from({ length: replicas[service] ?? 1 }, (_, index) => {
        const overrides = { ...variables['all'], ...variables[service], ...variables[`${service}-${index + 1}`] };
        return serviceProgram(service, index + 1, places, overrides);
      }),
    );
  }
}

const isServer = (name: string): boolean => name === 'nats' || name === 'redis';
