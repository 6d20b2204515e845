import { canonicalBytes } from './canonical-bytes.js';
import type { PairedParameters, Purpose } from './transcript.js';

/** Everything the exchange is about, in its one canonical form: what transcriptHash hashes. */
export function transcriptBytes(
  purpose: Purpose,
  parameters: PairedParameters,
  clientPoint: Uint8Array,
  hsmPoint: Uint8Array,
): Uint8Array {
  const { tenant, account, device, epoch } = parameters;
  const bound = [tenant, account, device, epoch, ...profileFields(parameters.profile)];
  return canonicalBytes(`countersign ${purpose} v1`, [...bound, clientPoint, hsmPoint]);
}

/** A profile's fields, as every transcript has them. */
export function profileFields(profile: PairedParameters['profile']): (string | number)[] {
  const { type, algorithm, digits, stepSeconds, t0Seconds, counter } = profile;
  const fields = [type, algorithm, digits, stepSeconds, t0Seconds, counter];
  return profile.type === 'ocra' ? [...fields, profile.suite ?? '', profile.platformSuite ?? ''] : fields;
}
