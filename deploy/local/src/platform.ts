import type { Bus } from '@countersign/bus';
import type { PublicKeys } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { allEnded } from './all-ended.js';
import { ChildRegister } from './children.js';
import { callerCredentials, natsServerOf, planOf, type CallerCredentials } from './credentials.js';
import { livingServices, type LivingService } from './discovery.js';
import { StateFolder } from './folder.js';
import { startGuardian } from './guard.js';
import { publicKeys } from './hsm.js';
import { planWith } from './identities.js';
import { setUpLedger } from './ledger.js';
import { takeLock } from './lock.js';
import { makePlatform } from './make-platform.js';
import { connectAs, natsProgram, reloadNats, writeNatsConfig } from './nats.js';
import { onFreePort } from './on-free-port.js';
import type { PlatformOptions, StartOptions } from './options.js';
import { DEV_TENANTS, writePlan, type Plan, type TenantWish } from './plan.js';
import type { Program } from './program.js';
import { askRedis, redisProgram, writeRedisConfig } from './redis.js';
import { readServers, type Servers } from './runtime.js';
import { servicePrograms } from './services.js';
import { SupervisedProcess } from './supervised.js';

const OPERATOR_CONNECTS_WITHIN_MS = 5_000;

/** A whole platform on this machine: servers and services as supervised processes, state in one folder. */
export class Platform {
  readonly processes: SupervisedProcess[] = [];
  private operator: Bus | undefined;
  private unwind: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly folder: StateFolder,
    readonly servers: Servers,
    private plan: Plan,
    private letFolderGo: (() => Promise<void>) | undefined,
  ) {}

  /** Makes what is missing in the folder and takes the rest as it is; starts no server. Throws AlreadyUp. */
  static async create(options: PlatformOptions = {}): Promise<Platform> {
    const { tenants = DEV_TENANTS, servers = readServers(), random = new SystemRandom() } = options;
    const folder = new StateFolder(options.folder);
    const letGo = options.afterwards === 'remove' ? await startGuardian(folder, 'remove') : undefined;
    try {
      folder.make();
      const unlock = await takeLock(folder);
      try {
        const { copyOf } = options;
        const plan = await makePlatform(folder, { servers, tenants, random, ...(copyOf !== undefined && { copyOf }) });
        return new Platform(folder, servers, plan, letGo);
      } finally {
        unlock();
      }
    } catch (error) {
      await letGo?.();
      throw error;
    }
  }

  /** Starts everything and waits until all of it is ready. Throws AlreadyUp, or Error with a log's last lines. */
  async start(options: StartOptions = {}): Promise<void> {
    const { say = () => undefined } = options;
    if (this.unwind.length > 0) throw new Error('this platform is started already');
    this.unwind.push(await takeLock(this.folder));
    try {
      if (!this.letFolderGo) this.unwind.push(await startGuardian(this.folder, 'keep'));
      const register = new ChildRegister(this.folder);
      const supervise = (program: Program): SupervisedProcess => {
        const supervised = new SupervisedProcess(program, register, options.restarts, options.watch);
        this.processes.push(supervised);
        return supervised;
      };
      await this.startServers(supervise);
      say(`nats on ${this.natsServer}, redis on port ${this.redisPort}`);
      await this.prepareLedger();
      const { folder, servers, natsServer, redisPort } = this;
      const programs = servicePrograms({ folder, servers, natsServer, redisPort }, options);
      await allEnded(programs.map((program) => supervise(program).start()));
      if (programs.length > 0) say(programs.map(({ name }) => name).join(', '));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the services, then the servers; the folder can then be started again. */
  async stop(): Promise<void> {
    await this.operator?.close();
    this.operator = undefined;
    await allEnded(this.processes.filter(({ name }) => !isServer(name)).map((each) => each.stop()));
    await allEnded(this.processes.filter(({ name }) => isServer(name)).map((each) => each.stop()));
    this.processes.length = 0;
    for (const undo of this.unwind.splice(0).reverse()) await undo();
  }

  /** Stops everything; a folder that was to be removed afterwards is gone then. */
  async remove(): Promise<void> {
    await this.stop();
    await this.letFolderGo?.();
    this.letFolderGo = undefined;
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
    return planOf(this.folder).tenants; // others may have added some meanwhile
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
    this.plan = planWith(this.folder, [wish], planOf(this.folder));
    writePlan(this.folder, this.plan);
    writeNatsConfig(this.folder, this.plan);
    await reloadNats(this.process('nats'));
    await this.prepareLedger();
  }

  private async startServers(supervise: (program: Program) => SupervisedProcess): Promise<void> {
    const { folder, servers, plan } = this;
    const nats = onFreePort(folder, plan, 'nats', () => {
      writeNatsConfig(folder, plan);
      return supervise(natsProgram(folder, servers, this.natsServer));
    });
    const redis = onFreePort(folder, plan, 'redis', () => {
      writeRedisConfig(folder, plan);
      return supervise(redisProgram(folder, servers, this.redisPort));
    });
    const started = await allEnded([nats, redis]);
    this.processes.splice(0, Infinity, ...started); // without what found its port taken
  }

  private async prepareLedger(): Promise<void> {
    const missing = this.plan.tenants.filter(({ name }) => !this.plan.inLedger.includes(name));
    if (missing.length === 0) return;
    await setUpLedger(this.folder, this.natsServer, missing);
    this.plan.inLedger.push(...missing.map(({ name }) => name));
    writePlan(this.folder, this.plan);
  }
}

const isServer = (name: string): boolean => name === 'nats' || name === 'redis';
