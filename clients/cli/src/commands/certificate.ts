import { expiryOf, heldCertificates, planOf, renewCertificates } from '@countersign/local';
import type { Command } from 'commander';
import { table } from '../screen/table.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function certificate(program: Command): void {
  const group = program
    .command('certificate')
    .description('who shows which certificate, on a platform with TLS (countersign init --tls)');
  list(group);
  renew(group);
}

function list(group: Command): void {
  const command = shared(group.command('list'))
    .description('whose certificates there are, and when they end')
    .action((options: SharedOptions) => {
      const folder = folderOf(options);
      const plan = planOf(folder);
      const held = plan.tls ? heldCertificates(folder, plan) : [];
      const certificates = held.map(({ name, certFile }) => ({ name, certFile, ends: expiryOf(certFile) ?? 0 }));
      const rows = certificates.map(({ name, certFile, ends }) => [name, new Date(ends).toISOString(), certFile]);
      screenOf(options).result({ certificates }, plan.tls ? table(rows) : ['this platform was made without TLS']);
    });
  example(command, 'countersign certificate list');
}

function renew(group: Command): void {
  const command = shared(group.command('renew'))
    .description('new certificates and keys for everybody, at once; nobody loses a connection')
    .action(async (options: SharedOptions) => {
      const names = await renewCertificates(folderOf(options));
      screenOf(options).result({ renewed: names }, `renewed: ${names.join(', ')}`);
    });
  example(command, 'countersign certificate renew --state /srv/try');
}
