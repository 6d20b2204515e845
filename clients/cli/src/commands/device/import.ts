import { readFileSync } from 'node:fs';
import { publicKeys } from '@countersign/local';
import { decodeBase32, prepareSeed } from '@countersign/oath';
import type { Secret } from '@countersign/runtime';
import { Option, type Command } from 'commander';
import { asCaller } from '../../as-caller.js';
import { askPerson } from '../../ask-person.js';
import { importSeedOf } from '../../enrolling/import-seed.js';
import { Unusable } from '../../exit.js';
import { profileFields, profiled, type ProfileOptions } from '../../profile-options.js';
import { asking, example, folderOf, screenOf, type AskingOptions } from '../../shared-options.js';

interface Options extends AskingOptions, ProfileOptions {
  seedFile?: string;
  activate?: true;
  firstUse?: true;
  namedOnly?: true;
}

/** The seed is wrapped here, to the HSM: no service sees it. It never stands in a command line, which others can list. */
export function importSeed(group: Command): void {
  const command = profiled(asking(group.command('import <account>')))
    .description('take in one existing seed (base32, from a file or standard input), wrapped to the HSM')
    .option('--seed-file <path>', 'file with the seed; without it the seed is read from the terminal or a pipe')
    .addOption(new Option('--activate', 'active at once, without a first code').conflicts('firstUse'))
    .option('--first-use', 'active with the first code that any verification accepts; without both: as the policy says')
    .option('--named-only', 'judged only when a request names it')
    .action(async (account: string, options: Options) => {
      using seed = await readSeed(options);
      const done = await asCaller(options, 'device.import', (countersign, { tenant }) => {
        const { firstUse, namedOnly } = options;
        const activate = options.activate ?? (firstUse && ('first-use' as const));
        const { identity } = publicKeys(folderOf(options));
        const profile = profileFields(options);
        const wish = { ...(activate && { activate }), ...(namedOnly && { namedOnly }) };
        return importSeedOf(countersign, { account, tenant, seed, profile, identity, wish });
      });
      const next = done.status === 'pending' ? `; next: countersign device confirm ${account} ${done.device}` : '';
      screenOf(options).result(
        done,
        `device ${done.device} is ${done.status}, ledger sequence ${done.sequence}${next}`,
      );
    });
  example(command, 'countersign device import ada@acme.example --type hotp --counter 17 --seed-file seed.txt');
}

async function readSeed({ seedFile, algorithm }: Options): Promise<Secret> {
  const text = seedFile === undefined ? await askPerson('Seed (base32): ') : readFileSync(seedFile, 'utf8');
  try {
    using seed = decodeBase32(text);
    return prepareSeed(algorithm, seed);
  } catch (cause) {
    throw new Unusable(`the seed cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
