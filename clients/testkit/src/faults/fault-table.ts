import { SERVICES, type ServiceName } from '@countersign/contracts';
import type { Platform, SupervisedProcess } from '@countersign/local';
import { clocksWrong } from './clocks.js';
import type { Mend } from './fault.js';
import { hsmGone } from './hsm.js';
import { hang, kill } from './processes.js';

type Break = (platform: Platform, target: SupervisedProcess[]) => Promise<Mend>;

/** Of a server or of the HSM; the name is the whole of it. */
const OF_SERVERS = {
  'nats-gone': (platform) => kill(platform, [platform.process('nats')]),
  'nats-hanging': (platform) => hang(platform, [platform.process('nats')]),
  'redis-gone': (platform) => kill(platform, [platform.process('redis')]),
  'redis-hanging': (platform) => hang(platform, [platform.process('redis')]),
  'redis-emptied': async (platform) => {
    await platform.askRedis(['FLUSHALL']);
    return async () => undefined; // a cache fills itself
  },
  'hsm-gone': (platform) => hsmGone(platform),
} satisfies Record<string, Break>;

/** Of a service, with every replica (`:verification`), or of one replica (`:verification-2`). */
const OF_SERVICES = {
  'service-killed': kill,
  'service-hanging': hang,
  'clock-wrong': clocksWrong,
} satisfies Record<string, Break>;

type OfServers = keyof typeof OF_SERVERS;
type OfServices = Exclude<keyof typeof OF_SERVICES, 'clock-wrong'>;
/** who has a clock that can be moved */
const CLOCKED = ['verification', 'enrollment'] as const satisfies ServiceName[];
type Target<Service extends ServiceName> = Service | `${Service}-${number}`;

export type FaultName = OfServers | `${OfServices}:${Target<ServiceName>}` | `clock-wrong:${Target<Clocked>}`;
type Clocked = (typeof CLOCKED)[number];

/** Every name, for services with all their replicas: for a table of tests. */
export const FAULTS: readonly FaultName[] = [
  ...(Object.keys(OF_SERVERS) as OfServers[]),
  ...(['service-killed', 'service-hanging'] as const).flatMap((kind) =>
    SERVICES.map((service) => `${kind}:${service}` as const),
  ),
  ...CLOCKED.map((service) => `clock-wrong:${service}` as const),
];

/** Breaks it; what comes back mends it. Throws Error for a name that there is not, naming those that there are. */
export async function breakBy(platform: Platform, name: FaultName): Promise<Mend> {
  const [kind = '', target = ''] = name.split(':');
  if (Object.hasOwn(OF_SERVERS, name)) return (OF_SERVERS as Record<string, Break>)[name]!(platform, []);
  const wanted = platform.processes.filter((each) => each.name === target || each.name.replace(/-\d+$/, '') === target);
  const services = (kind === 'clock-wrong' ? CLOCKED : SERVICES) as readonly string[];
  const known = Object.hasOwn(OF_SERVICES, kind) && services.includes(target.replace(/-\d+$/, ''));
  if (!known || wanted.length === 0) throw new Error(`there is no fault ${name} here; there are ${FAULTS.join(', ')}`);
  return (OF_SERVICES as Record<string, Break>)[kind]!(platform, wanted);
}
