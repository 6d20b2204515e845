// Starts a program in user, network and mount namespaces of its own, in which it may make and cut networks: as anybody
// where the kernel lets unprivileged users make user namespaces, else as root.
import { ask } from './commands.mjs';
import { Refused } from './refused.mjs';

const SETUP = 'mount -t tmpfs tmpfs /run && exec "$@"'; // ip keeps the namespaces that it makes under /run/netns
const TRY =
  '"$IP" netns add try && "$IP" link add name try0 type veth peer name try1 netns try && nsenter --net=/run/netns/try true';

/**
 * @param {string} command @param {string[]} args
 * @param {Pick<import('./servers.mjs').Servers, 'ip' | 'libraryPath'>} servers
 * @returns {{ command: string, args: string[], env: Record<string, string> }} what to run instead; the process id is the program's
 * @throws {Refused} naming what this machine would need
 */
export function insideNamespaces(command, args, { ip = 'ip', libraryPath }) {
  const env = { IP: ip, ...(libraryPath && { LD_LIBRARY_PATH: libraryPath }) };
  const ways = [['-Urnm'], ...(process.getuid?.() === 0 ? [['-nm']] : [])];
  const complaints = [];
  for (const flags of ways) {
    const inside = [...flags, 'sh', '-c', SETUP, 'sh'];
    const tried = ask('unshare', [...inside, 'sh', '-c', TRY], env);
    if (tried.ok)
      return { command: 'unshare', args: [...inside, command, ...args], env: { COUNTERSIGN_NAMESPACES: 'yes' } };
    complaints.push(`  unshare ${flags.join(' ')}: ${tried.text.trim()}`);
  }
  throw new Refused(
    'Cutting the network needs network namespaces, and they cannot be made here:\n' +
      `${complaints.join('\n')}\n` +
      'It takes Linux with util-linux and iproute2, and one of these:\n' +
      '  - unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1 on older Debian kernels,\n' +
      '    kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu, user.max_user_namespaces above 0;\n' +
      '    in a container a seccomp profile that allows unshare)\n' +
      '  - root with CAP_SYS_ADMIN and CAP_NET_ADMIN (in a container: --privileged)',
  );
}
