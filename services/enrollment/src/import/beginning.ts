import type { Beginning } from '@countersign/account';
import type { ImportRequest, Policy } from '@countersign/contracts';

const BY_POLICY = { confirm: 'pending', 'first-use': 'first-use', active: 'active' } as const;

/** What a device with a seed from elsewhere waits for: as its import says, else as the tenant decided. */
export function beginningOf(activate: ImportRequest['activate'], { onImport }: Policy): Beginning {
  if (activate === undefined) return BY_POLICY[onImport];
  if (activate === 'first-use') return activate;
  return activate ? 'active' : 'pending';
}
