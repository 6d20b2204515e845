import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from '../world/mutants/mutants.js';
import { FAULT_KINDS, type FaultKind } from './faults/table.js';

export interface Options {
  world: WorldKind;
  seed: number;
  minutes?: number;
  codes?: number;
  /** questions under way at once */
  concurrency: number;
  /** how often a fresh code is sent at once */
  copies: number;
  /** `all`: those that the world can do */
  faults: readonly FaultKind[] | 'all';
  /** where history, ledger and logs stay; nowhere unless something is found */
  keep?: string;
  mutant?: Mutant;
  /** end as soon as something looks wrong */
  untilViolation: boolean;
}

export const WORLDS = ['rich', 'lean'] as const;
export type WorldKind = (typeof WORLDS)[number];
export type Wish = { kind: 'run'; options: Options } | { kind: 'help' };

/** The command line is wrong, and the text says what would be right. */
export class WrongOption extends Error {}

const MINUTES = 2;
const SEEDS = 2 ** 31;

export const HELP = `Usage: npm run torture -- [options]

Runs a platform of its own on this machine, asks it as much as it can bear, breaks its parts meanwhile, and decides from
the history and the ledger whether a promise was broken. The last line on standard output is the result as JSON.

  --world rich|lean    rich (default): 3 NATS servers, Redis with a replica and Sentinels, 3 verification, 2 key-derivation,
                       each in a network namespace of its own; lean: 1 NATS, 1 Redis, 2 verification, 1 key-derivation
  --minutes N          how long to ask (default ${MINUTES}, unless --codes is given); parts of a minute are allowed
  --codes N            end after N fresh codes; with --minutes: whichever comes first
  --faults LIST        all (default), none, or kinds with commas between them (below)
  --seed N             draws the same schedule of faults and the same choices again (default: a fresh one; it is printed)
  --concurrency N      questions under way at once (default 64)
  --copies N           how often each fresh code is sent at once (default 2)
  --keep FOLDER        keep history, ledger and logs there; without it they stay only when something is found
  --until-violation    end as soon as something looks wrong
  --mutant NAME        take a protection out of verification first, to try the torture itself: ${MUTANTS.slice(0, 2).join(', ')},
                       ${MUTANTS.slice(2).join(', ')}
  --help

Kinds of faults:
  ${FAULT_KINDS.join('\n  ')}

Exit status: 0 every promise held; 1 one was broken, or the run could not be made, or a kind of fault never came about; 2 the
command line is wrong, or this machine cannot do what was asked.

Examples:
  npm run torture -- --world lean --minutes 2
  npm run torture -- --world lean --codes 100000 --faults none
  npm run torture -- --minutes 60 --keep /tmp/history
  npm run torture -- --seed 4711 --faults nats-leader-isolated,acks-lost`;

/** Throws WrongOption. */
export function readOptions(args: string[], freshSeed: () => number): Wish {
  const given = parsed(args);
  if (given.help) return { kind: 'help' };
  const minutes = number('minutes', given.minutes, { min: 0.05, max: 10_000 });
  const codes = whole('codes', given.codes, { min: 1, max: 1e9 });
  const timed = minutes ?? (codes === undefined ? MINUTES : undefined);
  return {
    kind: 'run',
    options: {
      world: oneOf(WORLDS, 'world', given.world ?? 'rich'),
      seed: whole('seed', given.seed, { min: 0, max: SEEDS - 1 }) ?? freshSeed() % SEEDS,
      ...(timed !== undefined && { minutes: timed }),
      ...(codes !== undefined && { codes }),
      concurrency: whole('concurrency', given.concurrency, { min: 1, max: 1024 }) ?? 64,
      copies: whole('copies', given.copies, { min: 1, max: 32 }) ?? 2,
      faults: faultsOf(given.faults ?? 'all'),
      ...(given.keep !== undefined && { keep: given.keep }),
      ...(given.mutant !== undefined && { mutant: oneOf(MUTANTS, 'mutant', given.mutant) }),
      untilViolation: given['until-violation'] ?? false,
    },
  };
}

function parsed(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const values = { world: text, seed: text, minutes: text, codes: text, concurrency: text, copies: text, faults: text };
  try {
    return parseArgs({ args, options: { ...values, keep: text, mutant: text, 'until-violation': flag, help: flag } })
      .values;
  } catch (error) {
    throw new WrongOption((error as Error).message);
  }
}

interface Bounds {
  min: number;
  max: number;
}

function number(name: string, text: string | undefined, { min, max }: Bounds): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new WrongOption(`--${name} is "${text}"; it should be a number from ${min} to ${max}`);
}

function whole(name: string, text: string | undefined, bounds: Bounds): number | undefined {
  const value = number(name, text, bounds);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new WrongOption(`--${name} is "${text}"; it should be a whole number`);
}

function oneOf<T extends string>(choices: readonly T[], name: string, text: string): T {
  const found = choices.find((each) => each === text);
  if (found !== undefined) return found;
  throw new WrongOption(`--${name} is "${text}"; it should be one of ${choices.join(', ')}`);
}

function faultsOf(text: string): FaultKind[] | 'all' {
  if (text === 'none') return [];
  if (text === 'all') return 'all';
  return text.split(',').map((kind) => oneOf(FAULT_KINDS, 'faults', kind));
}
