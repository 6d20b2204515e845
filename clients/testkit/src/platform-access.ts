import { connectCaller, type Countersign } from '@countersign/caller';
import type { ProfileFields, PublicKeys, Verb } from '@countersign/contracts';
import {
  callerCredentials,
  callerFor,
  natsServerOf,
  planOf,
  publicKeys,
  type CallerCredentials,
  type StateFolder,
} from '@countersign/local';
import { prepareSeed } from '@countersign/oath';
import { beginExchange, wrapForImport } from '@countersign/pairing';
import { randomId, Secret, SystemClock, SystemRandom, type Clock, type Random } from '@countersign/runtime';
import { firstCounter, steadyProfile } from './steady-time.js';
import { TestDevice } from './test-device.js';

export interface Account {
  name: string;
  id: string;
}

/** What a device should be; nothing said: HOTP, SHA1, 6 digits. `namedOnly`: judged only when a question names it. */
export type DeviceWish = Partial<ProfileFields> & { namedOnly?: boolean };

const DEVICE_ID_LENGTH = 12;

/** A platform that runs, seen by a test: its callers, accounts and devices. Tenants default to the first there is. */
export class PlatformAccess {
  private readonly callers = new Map<string, Promise<Countersign>>();

  constructor(
    protected readonly state: StateFolder,
    private readonly random: Random = new SystemRandom(),
    private readonly clock: Clock = new SystemClock(),
  ) {}

  /** Where its state lies: what `attachPlatform` takes in another process. */
  get stateFolder(): string {
    return this.state.path;
  }

  /** host:port */
  get natsServer(): string {
    return natsServerOf(planOf(this.state));
  }

  /** What clients pin. */
  get publicKeys(): PublicKeys {
    return publicKeys(this.state);
  }

  /** What a backend is configured with: server, caller's name, path of its nkey seed. */
  credentials(caller: string, tenant = this.firstTenant()): CallerCredentials {
    return callerCredentials(this.state, tenant, caller);
  }

  /** A connected caller; each is connected once, and closed with the platform. */
  caller(name: string, tenant = this.firstTenant()): Promise<Countersign> {
    const key = `${tenant}/${name}`;
    const known = this.callers.get(key);
    if (known) return known;
    const connecting = connectCaller({ ...callerCredentials(this.state, tenant, name) });
    this.callers.set(key, connecting);
    connecting.catch(() => this.callers.delete(key)); // the next who asks tries anew
    return connecting;
  }

  /** A new account. */
  async account(name = `person-${randomId(this.random, 8)}`, tenant = this.firstTenant()): Promise<Account> {
    const { id } = await (await this.callerWhoMay('account.create', tenant)).createAccount({ names: [name] });
    return { name, id };
  }

  /** A device that is enrolled by the exchange, not yet confirmed. TOTP: see `steadyProfile`. */
  async enrol(account: string, wish: DeviceWish = {}, tenant = this.firstTenant()): Promise<TestDevice> {
    const desk = await this.callerWhoMay('enroll.exchange', tenant);
    const { namedOnly, ...fields } = wish;
    const profile = steadyProfile(fields, this.clock.now());
    const exchange = beginExchange();
    const asked = { account, point: exchange.point, ...fields, ...profile };
    const reply = await desk.exchange({ ...asked, ...(namedOnly && { namedOnly }) });
    const key = exchange.finish(reply, this.publicKeys.identity, { tenant, profile });
    return this.device(account, reply.account, reply.device, profile, Buffer.from(key.reveal()));
  }

  /** A new account with one confirmed device, ready to verify. */
  async owner(wish: DeviceWish = {}, tenant = this.firstTenant()): Promise<TestDevice> {
    const { name } = await this.account(undefined, tenant);
    const device = await this.enrol(name, wish, tenant);
    const desk = await this.callerWhoMay('device.confirm', tenant);
    const verdict = await desk.confirm({ account: name, device: device.id, code: device.code() });
    if (verdict.verdict !== 'accepted') throw new Error(`the first code was ${JSON.stringify(verdict)}`);
    return device;
  }

  /** Imports a known seed, active at once. */
  async importSeed(
    account: string,
    seed: Buffer,
    fields: Partial<ProfileFields>,
    tenant = this.firstTenant(),
  ): Promise<TestDevice> {
    const ops = await this.callerWhoMay('device.import', tenant);
    const { id } = await ops.account({ account });
    const profile = steadyProfile(fields, this.clock.now());
    const device = randomId(this.random, DEVICE_ID_LENGTH);
    const wrapped = wrapForImport({
      seed: prepareSeed(profile.algorithm, new Secret(seed)),
      parameters: { tenant, account: id, device, epoch: 1, profile },
      importKey: await ops.importKey({}),
      pinnedIdentityKey: this.publicKeys.identity,
    });
    const reply = await ops.importDevice({ account, device, ...profile, ...wrapped, activate: true });
    if (reply.status !== 'active') throw new Error(`the import was ${JSON.stringify(reply)}`);
    return this.device(account, id, device, profile, seed);
  }

  /** Closes the callers; the platform goes on. */
  async close(): Promise<void> {
    const callers = await Promise.allSettled(this.callers.values());
    this.callers.clear();
    for (const caller of callers) if (caller.status === 'fulfilled') await caller.value.close();
  }

  private device(name: string, id: string, device: string, profile: TestDevice['profile'], key: Buffer): TestDevice {
    return new TestDevice(name, id, device, profile, key, firstCounter(profile, this.clock.now()), this.clock);
  }

  private callerWhoMay(verb: Verb, tenant: string): Promise<Countersign> {
    return this.caller(callerFor(this.state, tenant, verb).caller, tenant);
  }

  private firstTenant(): string {
    const [first] = planOf(this.state).tenants;
    if (first) return first.name;
    throw new Error('this platform has no tenant');
  }
}
