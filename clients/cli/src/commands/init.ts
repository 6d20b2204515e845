import { DEV_TENANTS, Platform } from '@countersign/local';
import type { Command } from 'commander';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

interface Options extends SharedOptions {
  tenants?: string;
  tls?: true;
}

export function init(program: Command): void {
  const command = shared(program.command('init'))
    .description('make credentials, secrets and the HSM token of a platform on this machine; starts nothing')
    .option('--tenants <names>', 'tenants to make, separated by commas (default: acme,beta)')
    .option('--tls', 'NATS and Redis with TLS, and a certificate for everybody who connects; for ever')
    .action(async (options: Options) => {
      const callers = DEV_TENANTS[0]?.callers ?? {};
      const wished = options.tenants?.split(',').map((name) => ({ name: name.trim(), callers }));
      const folder = folderOf(options).path;
      const { tenants, publicKeys } = await Platform.create({
        folder,
        ...(wished && { tenants: wished }),
        ...(options.tls && { tls: true }),
      });
      const names = tenants.map(({ name }) => name);
      screenOf(options).result({ folder, tenants: names, publicKeys }, [
        `${folder}: the platform is made, with the tenants ${names.join(', ')}`,
        `identity key, for clients to pin: ${publicKeys.identity}`,
        'next: countersign up',
      ]);
    });
  example(command, 'countersign init', 'countersign init --state /srv/try --tenants north,south --tls');
}
