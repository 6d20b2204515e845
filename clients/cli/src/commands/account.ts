import type { AccountReply } from '@countersign/contracts';
import type { Command } from 'commander';
import { asCaller } from '../as-caller.js';
import { Person } from '../ask-person.js';
import { Unusable } from '../exit.js';
import { deviceLines } from '../screen/device-lines.js';
import { timeOf } from '../screen/event-lines.js';
import { asking, example, screenOf, type AskingOptions } from '../shared-options.js';

export function account(program: Command): void {
  const group = program.command('account').description('accounts of a tenant');
  create(group);
  show(group);
  names(group);
  unlock(group);
  erase(group);
}

function create(group: Command): void {
  const command = asking(group.command('create <names...>'))
    .description('a new account under one or more names')
    .action(async (names: string[], options: AskingOptions) => {
      const made = await asCaller(options, 'account.create', (countersign) => countersign.createAccount({ names }));
      screenOf(options).result(made, `account ${made.id} made, ledger sequence ${made.sequence}`);
    });
  example(command, 'countersign account create ada@acme.example ada');
}

function show(group: Command): void {
  const command = asking(group.command('show <account>'))
    .description('an account: its devices and its budgets of wrong codes')
    .action(async (name: string, options: AskingOptions) => {
      const found = await asCaller(options, 'account.get', (countersign) => countersign.account({ account: name }));
      screenOf(options).result(found, accountLines(found));
    });
  example(command, 'countersign account show ada@acme.example');
}

interface NamesOptions extends AskingOptions {
  add?: string[];
  remove?: string[];
}

function names(group: Command): void {
  const command = asking(group.command('names <account>'))
    .description('what an account is called; with --add or --remove, changed first')
    .option('--add <names...>', 'names that shall lead to it too')
    .option('--remove <names...>', 'names that shall not any more; the last one stays')
    .action(async (name: string, { add, remove, ...options }: NamesOptions) => {
      const request = { account: name, ...(add && { add }), ...(remove && { remove }) };
      const found = await asCaller(options, 'account.names', (countersign) => countersign.names(request));
      screenOf(options).result(found, found.names);
    });
  example(
    command,
    'countersign account names ada@acme.example',
    'countersign account names ada@acme.example --add countess --remove ada',
  );
}

function unlock(group: Command): void {
  const command = asking(group.command('unlock <account>'))
    .description('open both budgets again after too many wrong codes')
    .action(async (name: string, options: AskingOptions) => {
      const done = await asCaller(options, 'account.unlock', (countersign) => countersign.unlock({ account: name }));
      screenOf(options).result(done, `unlocked, ledger sequence ${done.sequence}`);
    });
  example(command, 'countersign account unlock ada@acme.example');
}

function erase(group: Command): void {
  const command = asking(group.command('erase <account>'))
    .description('forget whose account it is: its devices and names go for ever, its events stay and name nobody')
    .option('--yes', 'do not ask for the name again')
    .action(async (name: string, options: AskingOptions & { yes?: true }) => {
      if (!options.yes) await meant(name);
      const { id, sequence } = await asCaller(options, 'account.erase', (countersign) =>
        countersign.erase({ account: name }),
      );
      screenOf(options).result({ id, sequence }, `account ${id} is erased, ledger sequence ${sequence}`);
    });
  example(command, 'countersign account erase ada@acme.example');
}

/** Nobody can take it back, so the name is typed twice. Throws Unusable. */
async function meant(name: string): Promise<void> {
  using person = new Person();
  if (!person.isThere) throw new Unusable('nothing was erased: nobody is here to be asked; say --yes');
  if ((await person.ask('This cannot be undone. Type the name again: ')) !== name)
    throw new Unusable('nothing was erased: that is another name');
}

function accountLines({ id, sequence, devices, budgets, frozen }: AccountReply): string[] {
  const budget = (name: 'known' | 'unknown'): string => {
    const { wrong, closedUntil } = budgets[name];
    return `  ${name} origins: ${wrong} wrong since the last accepted${closedText(closedUntil)}`;
  };
  return [
    `account ${id}, ledger sequence ${sequence}${frozen ? ', FROZEN: its history forked' : ''}`,
    budget('known'),
    budget('unknown'),
    ...deviceLines(devices),
  ];
}

function closedText(until: number | 'operator' | undefined): string {
  if (until === undefined) return '';
  return until === 'operator' ? ', closed until an operator unlocks' : `, closed until ${timeOf(until)}`;
}
