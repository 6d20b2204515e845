import type { Standing } from '@countersign/account';
import { Failure } from '@countersign/contracts';

/** Throws CONFLICT for an account whose history forked: nobody gains anything there until an operator has looked. */
export function thawed(standing: Standing): Standing {
  if (!standing.state.frozen) return standing;
  throw new Failure('CONFLICT', "the account's history forked; an operator has to look before anything is added");
}
