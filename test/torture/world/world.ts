import { mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, type Bus } from '@countersign/bus';
import { LEDGER_STREAM } from '@countersign/contracts';
import { Platform, readServers, type StartOptions, type SupervisedProcess, type TenantWish } from '@countersign/local';
import { Log, Secret } from '@countersign/runtime';
import { StartedPlatform } from '@countersign/testkit';
import { Namespaces, TORTURER } from '../network/namespaces.js';
import { bringUp, untilTrue } from './bring-up.js';
import { RedisNodes } from './redis-nodes.js';
import { seedOf, TORTURER_IDENTITY, withTorturer } from './torturer.js';

export { TORTURER };
export type WorldKind = 'rich' | 'lean';

export interface WorldOptions extends Pick<StartOptions, 'replicas' | 'variables'> {
  kind: WorldKind;
  /** every process in a network namespace of its own, so that what joins them can be cut; see Namespaces */
  network: boolean;
  /** default: acme and beta, each with app, desk, ops, audit */
  tenants?: TenantWish[];
}

/** Mends what was broken, once; resolves when it is up again. */
export type Mend = () => Promise<void>;

const REPLICAS: Record<WorldKind, NonNullable<StartOptions['replicas']>> = {
  rich: { verification: 3, 'key-derivation': 2, enrollment: 2, delivery: 0 },
  lean: { verification: 2, delivery: 0 },
};
const STALE_AFTER_MS = 1000; // so long the master goes on without its replica
const ASK_MS = 1000;

/**
 * A whole platform that can be broken in every way a machine or a network breaks. Rich: NATS as a cluster of three, Redis
 * with a replica and Sentinels, several replicas of services. Lean: one NATS, one Redis, two verifications.
 */
export class TortureWorld extends StartedPlatform {
  private readonly redis: RedisNodes;
  private readonly broken = new Set<Mend>();
  private readonly cuts = new Set<() => Promise<void>>();
  private ownBus: Promise<Bus> | undefined;

  private constructor(
    readonly platform: Platform,
    readonly kind: WorldKind,
    private readonly namespaces: Namespaces | undefined,
  ) {
    super(platform);
    this.redis = new RedisNodes(platform);
  }

  static async start({ kind, network, tenants, replicas, variables }: WorldOptions): Promise<TortureWorld> {
    const servers = readServers();
    const namespaces = network ? new Namespaces(servers) : undefined;
    const platform = await Platform.create({
      folder: mkdtempSync(join(tmpdir(), 'countersign-torture-')),
      afterwards: 'remove',
      servers,
      topology: kind === 'rich' ? 'cluster' : 'single',
      natsConfig: withTorturer,
      ...(tenants && { tenants }),
      ...(namespaces && { network: namespaces }),
    });
    try {
      await platform.start({ replicas: { ...REPLICAS[kind], ...replicas }, ...(variables && { variables }) });
      return new TortureWorld(platform, kind, namespaces);
    } catch (error) {
      await platform.remove();
      throw error;
    }
  }

  /** What this world can do beside what every one can: cut its network; lose one server of several. */
  get can(): { cut: boolean; cluster: boolean } {
    return { cut: this.namespaces !== undefined, cluster: this.kind === 'rich' };
  }

  /** Names of all processes, and by what they are. */
  get processes(): string[] {
    return this.platform.processes.map(({ name }) => name);
  }
  get natsNodes(): string[] {
    return this.platform.places.nats.map(({ name }) => name);
  }
  get redisNodes(): string[] {
    return this.platform.places.redis.map(({ name }) => name);
  }
  get services(): string[] {
    return this.processes.filter((name) => !/^(?:nats|redis|sentinel)\b/.test(name));
  }

  /** An identity of the tests' own in the platform's account, which may ask JetStream anything. */
  torturer(): Promise<Bus> {
    this.ownBus ??= connectBus({
      servers: this.platform.natsServers,
      identity: TORTURER_IDENTITY,
      nkeySeed: new Secret(seedOf(this.platform.folder)),
      log: new Log('torturer', 'error', () => undefined),
    }).catch((error: unknown) => {
      this.ownBus = undefined; // no server was there; whoever asks next tries anew
      throw error;
    });
    return this.ownBus;
  }

  /** The process that leads the ledger. Throws UNAVAILABLE while nobody can say. */
  async ledgerLeader(): Promise<string> {
    if (!this.can.cluster) return 'nats';
    const asked = `$JS.API.STREAM.INFO.${LEDGER_STREAM}`;
    const bus = await this.torturer();
    const { cluster } = await bus.request<{ cluster?: { leader?: string } }>(asked, {}, { timeoutMs: ASK_MS });
    if (cluster?.leader !== undefined) return cluster.leader;
    throw new Error('nobody leads the ledger now');
  }

  /** kill -9, and down until it is mended. */
  async kill(name: string): Promise<Mend> {
    const process = this.part(name);
    await process.stop('SIGKILL');
    return this.breaks(() => bringUp(process));
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  async pause(name: string): Promise<Mend> {
    const process = this.part(name);
    process.kill('SIGSTOP');
    return this.breaks(async () => process.kill('SIGCONT'));
  }

  /** Between two processes, or a process and the callers (TORTURER). `one way`: only what `one` sends is lost. */
  async cut(one: string, other: string, way: 'both' | 'one way'): Promise<Mend> {
    if (!this.namespaces) throw new Error('this world has no network of its own to cut');
    const { namespaces } = this;
    const ways = [[one, other] as const, ...(way === 'both' ? [[other, one] as const] : [])];
    const heals = await Promise.all(ways.map(([from, to]) => namespaces.lose(from, to)));
    for (const heal of heals) this.cuts.add(heal);
    return this.breaks(async () => {
      await Promise.all(heals.filter((heal) => this.cuts.delete(heal)).map((heal) => heal()));
    });
  }

  /** From all others, callers too, or only from those named. */
  async isolate(name: string, from = [...this.processes, TORTURER].filter((each) => each !== name)): Promise<Mend> {
    const mends = await Promise.all(from.map((other) => this.cut(name, other, 'both')));
    return this.breaks(async () => {
      await Promise.all(mends.map((mend) => mend()));
    });
  }

  /** The ledger's leader steps down; resolves when there is a next one. */
  async stepDown(): Promise<Mend> {
    const before = await this.ledgerLeader();
    await (await this.torturer()).request(`$JS.API.STREAM.LEADER.STEPDOWN.${LEDGER_STREAM}`, {}, { timeoutMs: ASK_MS });
    await untilTrue('another leader', async () => (await this.ledgerLeader()) !== before);
    return async () => undefined;
  }

  /** kill -9 of every NATS server at once. */
  async restartAllNats(): Promise<Mend> {
    const mends = await Promise.all(this.natsNodes.map((name) => this.kill(name)));
    return this.breaks(async () => {
      await Promise.all(mends.map((mend) => mend()));
    });
  }

  async redisFlush(): Promise<Mend> {
    await this.redis.flush();
    return async () => undefined;
  }

  /** Remembers every window now; mended, Redis tells them again, over later ones. */
  async redisPast(): Promise<Mend> {
    const past = await this.redis.remember();
    return this.breaks(() => this.redis.tellPast(past));
  }

  /** The replica is left behind, then the master dies or hangs, and Sentinel promotes what was left behind. */
  async redisFailover(how: 'dies' | 'hangs' = 'dies'): Promise<Mend> {
    const { master, replica } = await this.redis.pair();
    await this.redis.shutOut(replica);
    const letIn = this.breaks(() => this.redis.letIn(replica));
    await new Promise((resolve) => setTimeout(resolve, STALE_AFTER_MS));
    const revive = await (how === 'dies' ? this.kill(master.name) : this.pause(master.name));
    await untilTrue(`${replica.name} is master`, async () => (await this.redis.role(replica)) === 'master');
    return this.breaks(async () => {
      await letIn();
      await revive();
    });
  }

  /** Starts it again with a clock that is off. */
  async clockOff(name: string, ms: number): Promise<Mend> {
    const process = this.part(name);
    const { CLOCK_OFFSET_MS: before = '0' } = process.program.variables;
    const move = async (offset: string): Promise<void> => {
      process.program.variables['CLOCK_OFFSET_MS'] = offset;
      await process.stop();
      await bringUp(process);
    };
    await move(String(ms));
    return this.breaks(() => move(before));
  }

  /** The token's files go away from under the HSM. */
  async tokenGone(): Promise<Mend> {
    const tokens = this.platform.folder.hsmTokens();
    renameSync(tokens, `${tokens}.away`);
    return this.breaks(async () => renameSync(`${tokens}.away`, tokens));
  }

  /** Mends whatever is broken, the latest first. */
  async heal(): Promise<void> {
    for (const mend of [...this.broken].reverse()) await mend();
  }

  override async stop(): Promise<void> {
    await Promise.all([...this.cuts].map((heal) => heal())); // what ends in order says goodbye to the others
    this.cuts.clear();
    await (await this.ownBus?.catch(() => undefined))?.close();
    await super.stop();
  }

  private part(name: string): SupervisedProcess {
    return this.platform.process(name);
  }

  private breaks(mend: Mend): Mend {
    let mended: Promise<void> | undefined;
    const once = (): Promise<void> => {
      this.broken.delete(once);
      return (mended ??= mend());
    };
    this.broken.add(once);
    return once;
  }
}
