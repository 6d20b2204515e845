import type { Command } from 'commander';

/** What can follow on one command: by its full name, beginning with the program's. */
export interface Place {
  path: string;
  description: string;
  subcommands: string[];
  options: OptionWord[];
}

export interface OptionWord {
  /** with both dashes */
  name: string;
  description: string;
  /** none: takes no value. file: anything, files are offered. A list: one of these */
  value: 'none' | 'file' | string[];
}

/** Every place in a command line, read from the program itself, so that no word can be forgotten. */
export function placesIn(command: Command, before: string[] = []): Place[] {
  const path = [...before, command.name()];
  const options = command.options.flatMap((option): OptionWord[] => {
    if (!option.long) return [];
    const takes = option.required || option.optional;
    return [
      { name: option.long, description: option.description, value: takes ? (option.argChoices ?? 'file') : 'none' },
    ];
  });
  const help: OptionWord = { name: '--help', description: 'say what it does', value: 'none' };
  return [
    {
      path: path.join(' '),
      description: command.description(),
      subcommands: command.commands.map((each) => each.name()),
      options: [...options, help],
    },
    ...command.commands.flatMap((each) => placesIn(each, path)),
  ];
}
