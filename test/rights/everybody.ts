import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBus, type Bus } from '@countersign/bus';
import { startNats, stopAllNats, type TestNats } from '@countersign/bus/testing';
import { natsAccounts, parseCaller, parseTenant, type Role } from '@countersign/contracts';
import { Log, Secret } from '@countersign/runtime';
import { createUser } from '@nats-io/nkeys';
import { Wire } from './wire.js';

interface Member {
  /** its name on the bus: of its inbox, and of a caller in its subjects */
  name: string;
  tenant?: 'acme' | 'beta';
  role?: Role;
}

/** Everybody who may connect, in this suite's words. */
export const EVERYBODY = {
  enrollment: { name: 'enrollment' },
  verification: { name: 'verification' },
  'key-derivation': { name: 'key-derivation' },
  audit: { name: 'audit' },
  delivery: { name: 'delivery' },
  'the set-up': { name: 'setup' },
  "the platform's operator": { name: 'operator' },
  "acme's verifier": { name: 'app', tenant: 'acme', role: 'verifier' },
  "acme's other verifier": { name: 'shop', tenant: 'acme', role: 'verifier' },
  "acme's enroller": { name: 'desk', tenant: 'acme', role: 'enroller' },
  "acme's operator": { name: 'ops', tenant: 'acme', role: 'operator' },
  "acme's auditor": { name: 'looks', tenant: 'acme', role: 'auditor' },
  "acme's gateway": { name: 'gate', tenant: 'acme', role: 'gateway' },
  "acme's courier": { name: 'post', tenant: 'acme', role: 'courier' },
  'a caller that took a service`s name': { name: 'verification', tenant: 'acme', role: 'operator' },
  'a caller that took the name of the platform`s operator': { name: 'operator', tenant: 'acme', role: 'enroller' },
  "beta's verifier": { name: 'app', tenant: 'beta', role: 'verifier' },
  "beta's operator": { name: 'ops', tenant: 'beta', role: 'operator' },
} as const satisfies Record<string, Member>;

export type Who = keyof typeof EVERYBODY;
export const everybody = Object.keys(EVERYBODY) as Who[];
export const memberOf = (who: Who): Member => EVERYBODY[who];
export const callers = everybody.filter((who) => memberOf(who).role !== undefined);

/** The ledger's own set-up program, with the set-up's rights. */
const SET_UP = fileURLToPath(new URL('../../libs/ledger/dist/set-up.js', import.meta.url));

/** A real nats-server with the accounts that the contracts generate and the set-up's streams. No service runs. */
export class GuardedNats {
  private constructor(
    private readonly nats: TestNats,
    private readonly folder: string,
    private readonly seeds: Map<Who, Uint8Array>,
  ) {}

  static async start(): Promise<GuardedNats> {
    const pairs = new Map(everybody.map((who) => [who, createUser()]));
    const nkey = (who: Who): string => pairs.get(who)?.getPublicKey() ?? '';
    const accounts = natsAccounts({
      services: {
        enrollment: nkey('enrollment'),
        verification: nkey('verification'),
        'key-derivation': nkey('key-derivation'),
        audit: nkey('audit'),
        delivery: nkey('delivery'),
      },
      operator: nkey("the platform's operator"),
      setup: nkey('the set-up'),
      tenants: (['acme', 'beta'] as const).map((tenant) => ({
        name: parseTenant(tenant),
        callers: callers
          .filter((who) => memberOf(who).tenant === tenant)
          .map((who) => ({
            name: parseCaller(memberOf(who).name),
            role: memberOf(who).role as Role,
            nkey: nkey(who),
          })),
      })),
    });
    const folder = mkdtempSync(join(tmpdir(), 'rights-'));
    const nats = await startNats(`jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }\n${accounts}`);
    const seeds = new Map([...pairs].map(([who, pair]) => [who, pair.getSeed()]));
    const nkeyFile = join(folder, 'setup.nk');
    writeFileSync(nkeyFile, seeds.get('the set-up') as Uint8Array, { mode: 0o600 });
    const tenants = ['acme', 'beta'].map((name) => ({ name, names: 'exact' }));
    const order = { servers: [nats.address], nkeyFile, replicas: 1, tenants };
    execFileSync(process.execPath, [SET_UP], { input: JSON.stringify(order) });
    return new GuardedNats(nats, folder, seeds);
  }

  /** NATS's own protocol as one of them; `stranger` draws an nkey that nobody knows. */
  wire(who: Who | 'stranger'): Promise<Wire> {
    const seed = who === 'stranger' ? createUser().getSeed() : this.seeds.get(who);
    return Wire.connect(this.nats.address, seed);
  }

  wireWithoutCredentials(): Promise<Wire> {
    return Wire.connect(this.nats.address);
  }

  bus(who: Who): Promise<Bus> {
    const nkeySeed = new Secret(Buffer.from(this.seeds.get(who) as Uint8Array));
    const { name: identity } = memberOf(who);
    return connectBus({
      servers: [this.nats.address],
      identity,
      nkeySeed,
      log: new Log('rights', 'error', () => undefined),
    });
  }

  async stop(): Promise<void> {
    await stopAllNats();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
