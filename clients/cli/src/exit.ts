import { Failure, type FailureCode } from '@countersign/contracts';
import { AlreadyUp } from '@countersign/local';
import { PairingError, type PairingProblem } from '@countersign/pairing';
import { reasonOf } from '@countersign/runtime';
import { CommanderError } from 'commander';
import { Contradicted } from './auditing/following/contradicted.js';

/** What the command's exit status says; documented in `countersign --help`. */
export const EXIT = {
  /** done, or the code was accepted */
  ok: 0,
  failed: 1,
  /** the command line or a value in it is wrong */
  usage: 2,
  /** a verdict: the code was rejected */
  rejected: 3,
  /** a part of the platform does not answer now; the same command may succeed later */
  unavailable: 4,
} as const;

export const EXIT_HELP = `
Exit status:
  0  done; for verify and confirm: accepted; for doctor: nothing is wrong
  1  failed, refused by the platform, or for doctor: something is wrong
  2  the command line or a value in it is wrong
  3  the code was rejected
  4  the platform, or a part of it, does not answer now`;

/** Something a person can mend; shown without a stack. */
export class Unusable extends Error {}

const STATUS: Partial<Record<FailureCode, number>> = {
  INVALID_ARGUMENT: EXIT.usage,
  UNAVAILABLE: EXIT.unavailable,
  BUSY: EXIT.unavailable,
  OUTCOME_UNKNOWN: EXIT.unavailable,
};

/** What a person types, or brings: the rest of a pairing's problems are the other end's. */
const TYPED: PairingProblem[] = ['invitation', 'pin'];

/** What to tell of an error, and the status to end with. */
export function endOf(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof CommanderError)
    return { status: error.exitCode === 0 ? EXIT.ok : EXIT.usage, code: 'USAGE', message: '' }; // it said so already
  if (error instanceof Failure)
    return { status: STATUS[error.code] ?? EXIT.failed, code: error.code, message: error.message };
  if (error instanceof PairingError && TYPED.includes(error.problem))
    return { status: EXIT.usage, code: 'USAGE', message: error.message };
  if (error instanceof Unusable) return { status: EXIT.usage, code: 'USAGE', message: error.message };
  if (error instanceof Contradicted) return { status: EXIT.failed, code: error.code, message: error.message };
  if (error instanceof AlreadyUp) return { status: EXIT.failed, code: 'ALREADY_UP', message: error.message };
  return { status: EXIT.failed, code: 'FAILED', message: reasonOf(error) };
}
