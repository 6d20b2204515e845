import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { libraryVariables, type Network, type Program, type Servers } from '@countersign/local';

/** Set by the launcher for what it started inside namespaces: this process routes between all others. */
export const INSIDE = 'COUNTERSIGN_NAMESPACES';

/** The torturer's own place: it joins all others, and callers ask from there. */
export const TORTURER = 'torturer';

/**
 * Every process in a network namespace of its own, joined to this process's namespace by a pair of devices; packets between
 * two processes are routed here. Packets that are cut are lost silently where they arrive, as on a broken line.
 */
export class Namespaces implements Network {
  private readonly addresses = new Map<string, { own: string; router: string }>();
  /** how many cut a line now, by the rule that does it */
  private readonly cutters = new Map<string, number>();
  private readonly ip: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(servers: Pick<Servers, 'ip' | 'libraryPath'>) {
    if (process.env[INSIDE] === undefined)
      throw new Error('network namespaces are made by the launcher: npm run torture');
    this.ip = servers.ip ?? 'ip';
    this.env = { ...process.env, ...libraryVariables(servers) };
    this.run([
      'link set lo up',
      ...LOCAL_LATER, // else what is addressed to this process would be taken before a cut is looked at
    ]);
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  }

  addressOf(name: string): string {
    const known = this.addresses.get(name);
    if (known) return known.own;
    const number = this.addresses.size + 1;
    if (number > 250) throw new Error('at most 250 processes');
    const [router, own] = [`10.77.${number}.1`, `10.77.${number}.2`];
    const outside = `to-${number}`;
    this.run([
      `netns add ${name}`,
      `link add ${outside} type veth peer name eth0 netns ${name}`,
      `addr add ${router}/30 dev ${outside}`,
      `link set ${outside} up`,
    ]);
    this.run(
      [
        'link set lo up',
        `addr add ${own}/30 dev eth0`,
        'link set eth0 up',
        `route add default via ${router}`,
        ...LOCAL_LATER,
      ],
      name,
    );
    this.addresses.set(name, { own, router });
    return own;
  }

  /** nsenter becomes the program, so that its process id is the program's. */
  wrap(program: Program): Program {
    this.addressOf(program.name);
    const { command, args } = program;
    return { ...program, command: 'nsenter', args: [`--net=/run/netns/${program.name}`, '--', command, ...args] };
  }

  /** What `from` sends does not reach `to` any more; returns what lets it through again. Cut by two, it is whole when both have mended it. */
  async lose(from: string, to: string): Promise<() => Promise<void>> {
    const source = from === TORTURER ? this.pair(to).router : this.pair(from).own;
    const target = to === TORTURER ? this.pair(from).router : this.pair(to).own;
    const rule = `from ${source} to ${target} blackhole pref ${CUTS}`;
    const where = to === TORTURER ? [] : ['-n', to];
    const change = async (what: 'add' | 'del'): Promise<void> => {
      await promisify(execFile)(this.ip, [...where, 'rule', what, ...rule.split(' ')], { env: this.env });
    };
    const cutters = (more: 1 | -1): number => {
      const count = (this.cutters.get(rule) ?? 0) + more;
      this.cutters.set(rule, count);
      return count;
    };
    if (cutters(1) === 1) await change('add');
    return async () => {
      if (cutters(-1) === 0) await change('del');
    };
  }

  private pair(name: string): { own: string; router: string } {
    const found = this.addresses.get(name);
    if (found) return found;
    throw new Error(`there is no process ${name}; there are ${[...this.addresses.keys()].join(', ')}`);
  }

  /** Commands of ip(8), in one run of it. */
  private run(commands: string[], namespace?: string): void {
    const where = namespace === undefined ? [] : ['-n', namespace];
    const { status, stderr, error } = spawnSync(this.ip, [...where, '-batch', '-'], {
      input: commands.join('\n'),
      encoding: 'utf8',
      env: this.env,
    });
    if (status !== 0) throw new Error(`ip ${commands.join('; ')} failed: ${error?.message ?? stderr}`);
  }
}

/** Routing rules are looked at in the order of their numbers; that for a namespace's own addresses is the first, 0. */
const CUTS = 10;
const LOCAL_LATER = ['rule add pref 100 lookup local', 'rule del pref 0'];
