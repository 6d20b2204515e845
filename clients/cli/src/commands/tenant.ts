import { DEV_CALLERS, addTenant, planOf } from '@countersign/local';
import { Option, type Command } from 'commander';
import { callerLines } from '../screen/caller-lines.js';
import { table } from '../screen/table.js';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function tenant(program: Command): void {
  const group = program.command('tenant').description('organisations, each in a NATS account of its own');
  add(group);
  list(group);
}

interface AddOptions extends SharedOptions {
  names: 'fold' | 'exact';
  callers: boolean;
}

function add(group: Command): void {
  const command = shared(group.command('add <name>'))
    .description('a new tenant with the callers app, desk, ops and audit; nobody loses a connection')
    .addOption(
      new Option('--names <rule>', 'fold: Ada and ada name one account; for ever')
        .choices(['fold', 'exact'])
        .default('fold'),
    )
    .option('--no-callers', 'without callers: add them with countersign caller add')
    .action(async (name: string, options: AddOptions) => {
      const callers = options.callers ? DEV_CALLERS : {};
      const made = await addTenant(folderOf(options), { name, names: options.names, callers });
      screenOf(options).result(made, [`tenant ${made.name} is made`, ...callerLines(made.callers)]);
    });
  example(command, 'countersign tenant add gamma', 'countersign tenant add delta --names exact --no-callers');
}

function list(group: Command): void {
  const command = shared(group.command('list'))
    .description('every tenant and its callers')
    .action((options: SharedOptions) => {
      const tenants = planOf(folderOf(options)).tenants.map(({ name, names, callers }) => ({
        name,
        names,
        callers: callers.map((caller) => ({ name: caller.name, role: caller.role })),
      }));
      const rows = tenants.map(({ name, names, callers }) => [
        name,
        `names ${names}`,
        callers.map((caller) => `${caller.name} (${caller.role})`).join(', '),
      ]);
      screenOf(options).result({ tenants }, table(rows));
    });
  example(command, 'countersign tenant list');
}
