import { ROLES, type Role } from '@countersign/contracts';
import { addCaller, planOf, revokeCaller, rotateCaller } from '@countersign/local';
import { Option, type Command } from 'commander';
import { Unusable } from '../exit.js';
import { callerLines } from '../screen/caller-lines.js';
import { table } from '../screen/table.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function caller(program: Command): void {
  const group = program.command('caller').description('backends that ask: each has an nkey and the rights of its role');
  add(group);
  rotate(group);
  revoke(group);
  list(group);
}

interface Options extends SharedOptions {
  tenant: string;
}

const ofTenant = (command: Command): Command => shared(command).option('--tenant <name>', 'whose caller', 'acme');

function add(group: Command): void {
  const command = ofTenant(group.command('add <name>'))
    .description('a new caller, at once: its credential is drawn, NATS told, and its first requests seen')
    .addOption(new Option('--role <role>', 'what it may ask').choices(ROLES).makeOptionMandatory())
    .action(async (name: string, options: Options & { role: Role }) => {
      const done = await addCaller(folderOf(options), options.tenant, name, options.role);
      screenOf(options).result(done, callerLines([done]));
    });
  example(command, 'countersign caller add shop --role verifier --tenant acme');
}

function rotate(group: Command): void {
  const command = ofTenant(group.command('rotate <name>'))
    .description('a new credential in the same file; the old one is refused and its connections are dropped')
    .action(async (name: string, options: Options) => {
      const done = await rotateCaller(folderOf(options), options.tenant, name);
      screenOf(options).result(done, callerLines([done]));
    });
  example(command, 'countersign caller rotate app --tenant acme');
}

function revoke(group: Command): void {
  const command = ofTenant(group.command('revoke <name>'))
    .description('end its rights: its credential is refused, its connections are dropped, its file is removed')
    .action(async (name: string, options: Options) => {
      const done = await revokeCaller(folderOf(options), options.tenant, name);
      const seen = done.proof ? '; its credential was seen refused, and its connection dropped' : '';
      screenOf(options).result(done, `${done.tenant}/${done.caller} (${done.role}) is revoked${seen}`);
    });
  example(command, 'countersign caller revoke shop --tenant acme');
}

function list(group: Command): void {
  const command = ofTenant(group.command('list'))
    .description("a tenant's callers, with roles and public keys")
    .action((options: Options) => {
      const { tenants } = planOf(folderOf(options));
      const callers = tenants.find(({ name }) => name === options.tenant)?.callers;
      if (!callers) throw new Unusable(`there is no tenant ${options.tenant}; see: countersign tenant list`);
      screenOf(options).result({ callers }, table(callers.map(({ name, role, nkey }) => [name, role, nkey])));
    });
  example(command, 'countersign caller list --tenant acme');
}
