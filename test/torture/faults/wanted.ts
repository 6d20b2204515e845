import { WrongOption } from '../options.js';
import { FAULT_KINDS, faultOf, type FaultKind, type Need } from './table.js';

const MEANING: Record<Need, string> = {
  cluster: 'several NATS servers and a Redis with a replica: --world rich',
  namespaces: 'network namespaces, which npm run torture makes',
};

/** What a world can do of what is wanted. Throws WrongOption naming what a kind needs that was asked for by name. */
export function wantedFaults(wanted: readonly FaultKind[] | 'all', has: Record<Need, boolean>): readonly FaultKind[] {
  const missing = (kind: FaultKind): Need | undefined => faultOf(kind).needs.find((need) => !has[need]);
  if (wanted === 'all') return FAULT_KINDS.filter((kind) => missing(kind) === undefined);
  for (const kind of wanted) {
    const need = missing(kind);
    if (need !== undefined) throw new WrongOption(`the fault ${kind} needs ${MEANING[need]}`);
  }
  return wanted;
}
