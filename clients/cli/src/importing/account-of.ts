import type { Token } from '@countersign/token-files';

export const ACCOUNT_FROM = ['user', 'serial'] as const;
/** user: the file's user, and the serial of a token that has none. serial: always the serial. */
export type AccountFrom = (typeof ACCOUNT_FROM)[number];

/** The name of the account that a token is for. */
export const accountOf = ({ user, serial }: Token, from: AccountFrom): string =>
  from === 'user' ? (user ?? serial) : serial;
