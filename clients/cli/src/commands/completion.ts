import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from '../completion/shells.js';
import { placesIn } from '../completion/words.js';
import { example, screenOf, shared, type SharedOptions } from '../shared-options.js';

export function completion(program: Command): void {
  const command = shared(program.command('completion'))
    .addArgument(new Argument('<shell>', 'whose script to print').choices(Object.keys(SHELLS)))
    .description('a script for your shell, so that Tab completes commands and options')
    .action((shell: Shell, options: SharedOptions) => {
      const script = SHELLS[shell](placesIn(program));
      screenOf(options).result({ shell, script }, script.trimEnd());
    });
  example(command, 'countersign completion bash > ~/.local/share/bash-completion/completions/countersign');
}
