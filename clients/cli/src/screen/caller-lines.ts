import type { CallerDone } from '@countersign/local';

/** One line for each caller after a change, with what was seen of it. */
export const callerLines = (done: CallerDone[]): string[] => done.map(callerLine);

function callerLine({ tenant, caller, role, nkeySeedFile, proof }: CallerDone): string {
  const who = `${tenant}/${caller} (${role}), credential ${nkeySeedFile}`;
  if (!proof) return `${who}; from the next start on`;
  const refused = proof.refused === undefined ? '' : `, ${proof.refused} refused`;
  return `${who}; proven: ${proof.answered.length} verb${proof.answered.length === 1 ? '' : 's'} answered${refused}`;
}
