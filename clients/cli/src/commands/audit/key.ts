import { auditKey } from '@countersign/local';
import type { Command } from 'commander';
import { example, folderOf, screenOf, shared, type SharedOptions } from '../../shared-options.js';

export function key(group: Command): void {
  const command = shared(group.command('key'))
    .description('the key of the log, to give to those who check it')
    .action((options: SharedOptions) => {
      const found = auditKey(folderOf(options));
      screenOf(options).result({ key: found }, found);
    });
  example(command, 'countersign audit key');
}
