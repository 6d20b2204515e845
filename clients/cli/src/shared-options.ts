import { DEFAULT_FOLDER, StateFolder } from '@countersign/local';
import { Option, type Command } from 'commander';
import { Screen } from './screen/screen.js';

export interface SharedOptions {
  state: string;
  json?: true;
}

export interface AskingOptions extends SharedOptions {
  tenant: string;
  caller?: string;
}

/** What every command takes. */
export function shared(command: Command): Command {
  return command
    .addOption(new Option('--state <folder>', 'state folder of the platform').default(DEFAULT_FOLDER, '.countersign'))
    .option('--json', 'results as JSON, one value a line');
}

/** What every command takes that asks the platform as a backend would. */
export function asking(command: Command): Command {
  return shared(command)
    .option('--tenant <name>', 'ask inside this tenant', 'acme')
    .option('--caller <name>', 'ask as this caller; default: the first whose role may');
}

export const screenOf = ({ json }: SharedOptions): Screen => new Screen(json === true);
export const folderOf = ({ state }: SharedOptions): StateFolder => new StateFolder(state);

/** Appends an example to a command's help. */
export const example = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
