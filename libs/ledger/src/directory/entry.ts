import { ACCOUNT_ID_PATTERN, Failure, type AccountId } from '@countersign/contracts';

/** One text of an entry as it lies in the directory. Throws UNAVAILABLE for what this platform never wrote. */
export function textIn(data: Uint8Array, field: 'id' | 'name' | 'list'): string {
  const text = (parse(data) as Record<string, unknown> | null)?.[field];
  if (typeof text === 'string') return text;
  throw new Failure('UNAVAILABLE', `the directory holds an entry without ${field}`);
}

/** The account that an entry names. Throws UNAVAILABLE: a broken entry is not the asker's mistake. */
export function idIn(data: Uint8Array): AccountId {
  const id = textIn(data, 'id');
  if (ACCOUNT_ID_PATTERN.test(id)) return id as AccountId;
  throw new Failure('UNAVAILABLE', 'the directory holds an entry without an account');
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the directory holds an entry that is not JSON', { cause });
  }
}
