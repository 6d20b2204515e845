import { Failure } from '@countersign/contracts';

/** Whether `Ada` and `ada` name the same account; fixed when the tenant is made. */
export type NameRule = 'fold' | 'exact';

const MAX_BYTES = 1024; // NFKC can lengthen a name (one Arabic ligature becomes 18 characters)

/**
 * The one form of a name: NFKC (Unicode Standard Annex 15), and lower case where the tenant's rule folds.
 * Throws INVALID_ARGUMENT for a name that has no such form.
 */
export function canonicalName(name: string, rule: NameRule): string {
  const composed = name.normalize('NFKC');
  const canonical = rule === 'fold' ? composed.toLowerCase().normalize('NFKC') : composed;
  if (canonical.length > 0 && Buffer.byteLength(canonical) <= MAX_BYTES) return canonical;
  const problem = `1 to ${MAX_BYTES} bytes once normalised (NFKC)`;
  throw new Failure('INVALID_ARGUMENT', `account: ${problem}`, { fields: [{ field: 'account', problem }] });
}
