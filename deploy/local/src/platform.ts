import type { Bus } from '@countersign/bus';
import type { PublicKeys } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { allEnded } from './all-ended.js';
import { ChildRegister } from './children.js';
import type { ServerPlace, ServerPlaces } from './cluster/places.js';
import { startPlaced } from './cluster/start-placed.js';
import { callerCredentials, natsServersOf, planOf, type CallerCredentials } from './credentials.js';
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
import { DEV_TENANTS, placesOf, writePlan, type Plan, type TenantWish } from './plan.js';
import type { Program } from './program.js';
import { askRedis, redisProgram, writeRedisConfig } from './redis.js';
import { readServers, type Servers } from './runtime.js';
import { servicePrograms } from './services.js';
import { makeCertificates } from './tls/certificates.js';
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
    private readonly options: Pick<PlatformOptions, 'network' | 'natsConfig'>,
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
        const plan = await makePlatform(folder, { ...options, servers, tenants, random });
        return new Platform(folder, servers, plan, letGo, options);
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
        const placed = this.options.network?.wrap(program) ?? program;
        const supervised = new SupervisedProcess(placed, register, options.restarts, options.watch);
        this.processes.push(supervised);
        return supervised;
      };
      await this.startServers(supervise);
      say(`nats on ${this.natsServers.join(', ')}, redis on port ${this.redisPort}`);
      await this.prepareLedger();
      const { folder, servers, places: at } = this;
      const programs = servicePrograms({ folder, servers, at, plan: this.plan }, options);
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
    const isServer = ({ name }: SupervisedProcess): boolean => SERVER_NAME.test(name);
    await allEnded(this.processes.filter((each) => !isServer(each)).map((each) => each.stop()));
    await allEnded(this.processes.filter(isServer).map((each) => each.stop()));
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

  /** host:port of each */
  get natsServers(): string[] {
    return natsServersOf(this.plan);
  }

  /** The first of them. */
  get natsServer(): string {
    return this.natsServers[0] as string;
  }

  /** Where the servers listen. */
  get places(): ServerPlaces {
    return placesOf(this.plan);
  }

  get redisPort(): number {
    return this.redisPlace().port;
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

  /** One command to a Redis (or Sentinel) as its admin, e.g. ['FLUSHALL']; the first line of the answer. */
  askRedis(command: string[], name?: string): Promise<string> {
    return askRedis(this.folder, this.redisPlace(name), command);
  }

  /** A connection as the platform's operator: discovery and the streams' state. Closed by `stop()`. */
  async operatorBus(): Promise<Bus> {
    this.operator ??= await connectAs(this.folder, this.natsServers, 'operator', OPERATOR_CONNECTS_WITHIN_MS);
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
    if (this.plan.tls) await makeCertificates(this.folder, this.plan);
    this.writeNatsConfig();
    await reloadNats(this.places.nats.map(({ name }) => this.process(name)));
    await this.prepareLedger();
  }

  private async startServers(supervise: (program: Program) => SupervisedProcess): Promise<void> {
    const started = await (this.plan.topology === 'cluster' || this.options.network
      ? this.startPlaced(supervise)
      : this.startOnFreePorts(supervise));
    this.processes.splice(0, Infinity, ...started); // without what found its port taken
  }

  private startPlaced(supervise: (program: Program) => SupervisedProcess): Promise<SupervisedProcess[]> {
    const { folder, servers, plan } = this;
    const { network } = this.options;
    return startPlaced({ folder, servers, plan, network, supervise, writeNatsConfig: () => this.writeNatsConfig() });
  }

  private startOnFreePorts(supervise: (program: Program) => SupervisedProcess): Promise<SupervisedProcess[]> {
    const { folder, servers, plan } = this;
    delete plan.places;
    const nats = onFreePort(folder, plan, 'nats', () => {
      this.writeNatsConfig();
      return supervise(natsProgram(folder, servers, placesOf(plan).nats[0] as ServerPlace));
    });
    const redis = onFreePort(folder, plan, 'redis', () => {
      writeRedisConfig(folder, plan);
      return supervise(redisProgram(folder, servers, this.redisPlace()));
    });
    return allEnded([nats, redis]);
  }

  private writeNatsConfig(): void {
    writeNatsConfig(this.folder, this.plan, (text) => this.options.natsConfig?.(text, this.folder) ?? text);
  }

  private redisPlace(name?: string): ServerPlace {
    const { redis, sentinels } = this.places;
    const found = name === undefined ? redis[0] : [...redis, ...sentinels].find((place) => place.name === name);
    if (found) return found;
    throw new Error(name === undefined ? 'Redis was never started here' : `there is no Redis ${name} here`);
  }

  private async prepareLedger(): Promise<void> {
    const missing = this.plan.tenants.filter(({ name }) => !this.plan.inLedger.includes(name));
    if (missing.length === 0) return;
    await setUpLedger(this.folder, this.natsServers, missing);
    this.plan.inLedger.push(...missing.map(({ name }) => name));
    writePlan(this.folder, this.plan);
  }
}

const SERVER_NAME = /^(?:nats|redis|sentinel)(?:-\d+)?$/;
