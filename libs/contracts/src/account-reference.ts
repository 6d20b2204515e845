import { Failure } from './failure.js';
import { parseAccountId, type AccountId } from './names.js';

/** An account by one of its names, as people and backends say it, or by its id, as devices do. */
export type AccountReference = { name: string } | { id: AccountId };

const PROBLEM = 'either account or id, and not both';

/** Throws INVALID_ARGUMENT naming both fields unless exactly one is there. */
export function accountReference({ account, id }: { account?: string; id?: string }): AccountReference {
  if (account !== undefined && id === undefined) return { name: account };
  if (id !== undefined && account === undefined) return { id: parseAccountId(id) };
  const fields = ['account', 'id'].map((field) => ({ field, problem: PROBLEM }));
  throw new Failure('INVALID_ARGUMENT', `account, id: ${PROBLEM}`, { fields });
}
