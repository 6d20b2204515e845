import { readFileSync } from 'node:fs';
import { connectBus } from '@countersign/bus';
import { RecipientKey } from '@countersign/caller';
import { parseCaller, type Role } from '@countersign/contracts';
import { pinRecipient } from '@countersign/local';
import { Log, Secret } from '@countersign/runtime';
import type { Chance } from '../chance/chance.js';
import { recipientFile } from '../../world/recipient.js';
import type { TortureWorld } from '../world/world.js';
import type { Connected } from './asker.js';

/** How many connections each caller has: backends run in several processes. */
const CONNECTIONS: Partial<Record<Role, number>> = { verifier: 2, enroller: 1, operator: 1 };
const SILENT = new Log('torture', 'error', () => undefined);

/** Every caller of every tenant, connected. */
export class Callers {
  private constructor(
    private readonly connected: (Connected & { role: Role })[],
    /** by tenant and caller: what codes are sealed to */
    private readonly keys: Map<string, RecipientKey>,
  ) {}

  static async connect(world: TortureWorld): Promise<Callers> {
    const wanted = world.platform.tenants.flatMap(({ name: tenant, callers }) =>
      callers.flatMap(({ name: caller, role }) =>
        Array.from({ length: CONNECTIONS[role] ?? 0 }, async () => {
          const { servers, nkeySeedFile } = world.credentials(caller, tenant);
          const nkeySeed = new Secret(readFileSync(nkeySeedFile));
          const bus = await connectBus({ servers, identity: caller, nkeySeed, log: SILENT });
          return { tenant, caller: parseCaller(caller), role, bus };
        }),
      ),
    );
    return new Callers(await Promise.all(wanted), await pinVerifiers(world));
  }

  verifier(tenant: string, chance: Chance): Connected {
    return chance.among(this.of(tenant, 'verifier'));
  }

  /** The same caller, perhaps over another connection. */
  same({ tenant, caller }: Connected, chance: Chance): Connected {
    return chance.among(this.connected.filter((each) => each.tenant === tenant && each.caller === caller));
  }

  /** Another verifier of the tenant, over whichever connection. */
  other({ tenant, caller }: Connected, chance: Chance): Connected {
    return chance.among(this.of(tenant, 'verifier').filter((each) => each.caller !== caller));
  }

  /** The key that a verifier's codes are sealed to. */
  keyOf({ tenant, caller }: Connected): RecipientKey {
    return this.keys.get(`${tenant}/${caller}`) as RecipientKey;
  }

  /** Who may confirm: enroller and operator. */
  confirmer(tenant: string, chance: Chance): Connected {
    return chance.among([...this.of(tenant, 'enroller'), ...this.of(tenant, 'operator')]);
  }

  enroller(tenant: string): Connected {
    return this.first(tenant, 'enroller');
  }

  operator(tenant: string): Connected {
    return this.first(tenant, 'operator');
  }

  get tenants(): string[] {
    return [...new Set(this.connected.map(({ tenant }) => tenant))];
  }

  async close(): Promise<void> {
    await Promise.all(this.connected.map(({ bus }) => bus.close(100)));
  }

  private of(tenant: string, role: Role): Connected[] {
    return this.connected.filter((each) => each.tenant === tenant && each.role === role);
  }

  private first(tenant: string, role: Role): Connected {
    const [first] = this.of(tenant, role);
    if (first) return first;
    throw new Error(`${tenant} has no ${role}`);
  }
}

/** One after the other: they stand in one list. */
async function pinVerifiers(world: TortureWorld): Promise<Map<string, RecipientKey>> {
  const keys = new Map<string, RecipientKey>();
  for (const { name: tenant, callers } of world.platform.tenants)
    for (const { name: caller } of callers.filter(({ role }) => role === 'verifier')) {
      const file = recipientFile(world, caller, tenant);
      await pinRecipient(world.platform.folder, `${tenant}/${caller}`, file);
      keys.set(`${tenant}/${caller}`, await RecipientKey.read(readFileSync(file, 'utf8')));
    }
  return keys;
}
