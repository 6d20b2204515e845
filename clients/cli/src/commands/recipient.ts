import { pinRecipient, recipientNames, unpinRecipient } from '@countersign/local';
import type { Command } from 'commander';
import { Unusable } from '../exit.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function recipient(program: Command): void {
  const group = program.command('recipient').description('to whom the key service seals codes, and to nobody else');
  add(group);
  remove(group);
  list(group);
}

interface Options extends SharedOptions {
  tenant: string;
}

const ofTenant = (command: Command): Command => shared(command).option('--tenant <name>', 'whose recipient', 'acme');

function add(group: Command): void {
  const command = ofTenant(group.command('add <name>'))
    .description(
      'a key pair for a recipient, which the key service has pinned from then on; its private key stays here',
    )
    .action(async (name: string, options: Options) => {
      const folder = folderOf(options);
      const keyFile = folder.recipientKey(options.tenant, name);
      await pinRecipient(folder, `${options.tenant}/${name}`, keyFile);
      const pinned = { recipient: `${options.tenant}/${name}`, keyFile };
      screenOf(options).result(pinned, `${pinned.recipient} is pinned; its private key: ${keyFile}`);
    });
  example(command, 'countersign recipient add desk --tenant acme');
}

function remove(group: Command): void {
  const command = ofTenant(group.command('remove <name>'))
    .description('nothing is sealed to it any more; what was sealed before, its private key still opens')
    .action((name: string, options: Options) => {
      const recipient = `${options.tenant}/${name}`;
      if (!recipientNames(folderOf(options)).includes(recipient)) throw new Unusable(`${recipient} is not pinned`);
      unpinRecipient(folderOf(options), recipient);
      screenOf(options).result({ recipient }, `${recipient} is not pinned any more`);
    });
  example(command, 'countersign recipient remove desk --tenant acme');
}

function list(group: Command): void {
  const command = shared(group.command('list'))
    .description('who is pinned: of the platform, and <tenant>/<name>')
    .action((options: SharedOptions) => {
      const recipients = recipientNames(folderOf(options));
      screenOf(options).result({ recipients }, recipients);
    });
  example(command, 'countersign recipient list');
}
