import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCaller, type Countersign } from '@countersign/caller';
import { profileOf, type Profile, type ProfileFields, type ServiceName } from '@countersign/contracts';
import { Platform, type StartOptions, type TenantWish } from '@countersign/local';
import { beginExchange, wrapForImport } from '@countersign/pairing';
import { prepareSeed } from '@countersign/oath';
import { Secret, SystemRandom, randomId } from '@countersign/runtime';
import { Device } from './device.js';

export interface WorldOptions extends StartOptions {
  tenants?: TenantWish[];
}

type CallerName = 'app' | 'desk' | 'ops' | 'audit';

const random = new SystemRandom();

/** The whole platform for one suite: real servers and services on free ports, state in a folder of its own. */
export class World {
  private readonly callers = new Map<string, Promise<Countersign>>();

  private constructor(
    readonly platform: Platform,
    private readonly folder: string,
  ) {}

  static async start({ tenants, ...options }: WorldOptions = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-world-'));
    const platform = await Platform.create({ folder, ...(tenants && { tenants }) });
    await platform.start(options);
    return new World(platform, folder);
  }

  async stop(): Promise<void> {
    for (const caller of this.callers.values()) await (await caller).close();
    await this.platform.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A connected caller; each is connected once. */
  caller(name: CallerName, tenant = 'acme'): Promise<Countersign> {
    const key = `${tenant}/${name}`;
    const known = this.callers.get(key) ?? connectCaller({ ...this.platform.callerCredentials(tenant, name) });
    this.callers.set(key, known);
    return known;
  }

  /** A new account. */
  async account(name = `person-${randomId(random, 8)}`, tenant = 'acme'): Promise<{ name: string; id: string }> {
    const { id } = await (await this.caller('desk', tenant)).createAccount({ names: [name] });
    return { name, id };
  }

  /** A device that is enrolled by the exchange, not yet confirmed. TOTP: 10 s into a step of 300 s, so nothing expires. */
  async enrol(
    account: string,
    fields: Partial<ProfileFields> & { namedOnly?: boolean } = {},
    tenant = 'acme',
  ): Promise<Device> {
    const desk = await this.caller('desk', tenant);
    const { namedOnly, ...wanted } = fields;
    const asked = withSteadyTime(wanted);
    const exchange = beginExchange();
    const reply = await desk.exchange({ account, point: exchange.point, ...asked, ...(namedOnly && { namedOnly }) });
    const profile = profileOf(asked);
    const key = exchange.finish(reply, this.platform.publicKeys.identity, { tenant, profile });
    return new Device(account, reply.account, reply.device, profile, Buffer.from(key.reveal()), firstCounter(profile));
  }

  /** A new account with one confirmed device, ready to verify. */
  async owner(fields: Partial<ProfileFields> = {}, tenant = 'acme'): Promise<Device> {
    const { name } = await this.account(undefined, tenant);
    const device = await this.enrol(name, fields, tenant);
    const desk = await this.caller('desk', tenant);
    const verdict = await desk.confirm({ account: name, device: device.id, code: device.code() });
    if (verdict.verdict !== 'accepted') throw new Error(`the first code was ${JSON.stringify(verdict)}`);
    return device;
  }

  /** Imports a known seed, active at once. */
  async importSeed(account: string, seed: Buffer, fields: Partial<ProfileFields>, tenant = 'acme'): Promise<Device> {
    const ops = await this.caller('ops', tenant);
    const { id } = await ops.account({ account });
    const profile = profileOf(withSteadyTime(fields));
    const device = randomId(random, 12);
    const wrapped = wrapForImport({
      seed: prepareSeed(profile.algorithm, new Secret(seed)),
      parameters: { tenant, account: id, device, epoch: 1, profile },
      importKey: await ops.importKey({}),
      pinnedIdentityKey: this.platform.publicKeys.identity,
    });
    const reply = await ops.importDevice({ account, device, ...profile, ...wrapped, activate: true });
    if (reply.status !== 'active') throw new Error(`the import was ${JSON.stringify(reply)}`);
    return new Device(account, id, device, profile, seed, firstCounter(profile));
  }

  /** The nth replica of a service. */
  process(service: ServiceName, replica = 1) {
    return this.platform.process(`${service}-${replica}`);
  }
}

const STEP_SECONDS = 300;
const STEPS_PAST = 1000;

/** For TOTP a step so long, and so lately begun, that no test runs into its end. */
function withSteadyTime(fields: Partial<ProfileFields>): ProfileFields {
  const type = fields.type ?? 'hotp';
  if (type === 'hotp' || fields.t0Seconds !== undefined) return { ...fields, type };
  const t0Seconds = Math.floor(Date.now() / 1000) - STEPS_PAST * STEP_SECONDS - 10;
  return { stepSeconds: STEP_SECONDS, t0Seconds, ...fields, type };
}

/** HOTP: the first counter. TOTP: the step before the present one, which is accepted too, so that three can be used. */
const firstCounter = ({ type, counter, stepSeconds, t0Seconds }: Profile): number =>
  type === 'hotp' ? counter : Math.floor((Date.now() / 1000 - t0Seconds) / stepSeconds) - 1;
