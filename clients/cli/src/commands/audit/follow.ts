import { SeenFile } from '@countersign/audit-verifier';
import { SystemClock } from '@countersign/runtime';
import type { Cosigner } from '@countersign/tlog';
import type { Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { busView } from '../../auditing/following/bus-view.js';
import { cosignerKey, cosignerOf } from '../../auditing/following/cosigner.js';
import { followLog } from '../../auditing/following/follow-log.js';
import { Follower, type Right } from '../../auditing/following/follower.js';
import type { LogView } from '../../auditing/following/log-view.js';
import { filesAt } from '../../auditing/following/read-file.js';
import { tilesView } from '../../auditing/following/tiles-view.js';
import { keyed, logKey, type KeyOptions } from '../../auditing/log-key.js';
import { Unusable } from '../../exit.js';
import { counted } from '../../importing/progress.js';
import { wholeNumber } from '../../profile-options.js';
import { asking, example, screenOf, type AskingOptions } from '../../shared-options.js';

interface Options extends KeyOptions, AskingOptions {
  seen: string;
  cosigner?: string;
  cosignKeyFile?: string;
  every: number;
  patience: number;
  once?: true;
}

export function follow(group: Command): void {
  const command = keyed(asking(group.command('follow [place]')))
    .description(
      'watch that the log only grows: one published in a folder or at a URL, else as audit answers; 1 on a fork or rollback',
    )
    .requiredOption('--seen <file>', 'where what was seen last is kept')
    .option('--cosigner <name>', 'sign what was seen as the witness of this name')
    .option('--cosign-key-file <path>', "the witness's Ed25519 key, a PEM file")
    .option('--every <seconds>', 'between two looks', wholeNumber, 10)
    .option('--patience <seconds>', 'for a cache or a replica that shows an older log', wholeNumber, 30)
    .option('--once', 'end after one look')
    .action(async (place: string | undefined, options: Options) => {
      const cosigner = witness(options);
      if (place !== undefined) return followed(tilesView(filesAt(place)), cosigner, options);
      await asCaller(options, 'audit.proof', (countersign) => followed(busView(countersign), cosigner, options));
    });
  example(
    command,
    'countersign audit follow --seen seen',
    'countersign audit follow https://log.example.org/ --seen seen --key example.org/log+b220fe80+AddamAGC...',
  );
}

function witness({ cosigner, cosignKeyFile }: Options): Cosigner | undefined {
  if (cosigner === undefined && cosignKeyFile === undefined) return undefined;
  if (cosigner !== undefined && cosignKeyFile !== undefined) return cosignerOf(cosigner, cosignKeyFile);
  throw new Unusable('a witness has a name and a key: give both --cosigner and --cosign-key-file');
}

async function followed(view: LogView, cosigner: Cosigner | undefined, options: Options): Promise<void> {
  const screen = screenOf(options);
  const [seen, clock, key] = [new SeenFile(options.seen), new SystemClock(), logKey(options)];
  if (cosigner) screen.note(`cosigning as ${cosignerKey(cosigner)}`);
  const follower = new Follower({ view, key, seen, clock, cosigner });
  await followLog({
    look: () => follower.look(),
    ...{ seen, clock, everyMs: options.every * 1000, patienceMs: options.patience * 1000, once: options.once ?? false },
    tell: (look) => screen.result(look, line(look)),
    note: (text) => screen.note(text),
  });
}

function line(look: Right): string {
  if (look.kind === 'same') return `${counted(look.size)} entries, as before`;
  if (look.from === 0) return `${counted(look.size)} entries, seen for the first time`;
  return `${counted(look.size)} entries: the ${counted(look.from)} seen before, and ${counted(look.size - look.from)} more`;
}
