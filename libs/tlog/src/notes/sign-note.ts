import type { Note } from './note.js';
import { formatNote } from './note.js';

/** Makes signatures; where its key is, in a file or an HSM, is its own matter. */
export interface NoteSigner {
  name: string;
  id: number;
  sign(text: Uint8Array): Promise<Uint8Array>;
}

/**
 * The note with these signatures after those it has; a signer's older ones are replaced.
 * Throws TlogError `note`, and what a signer throws.
 */
export async function signNote({ text, signatures }: Note, signers: readonly NoteSigner[]): Promise<string> {
  const others = signatures.filter(({ name, id }) => !signers.some((one) => one.name === name && one.id === id));
  const made = await Promise.all(
    signers.map(async (signer) => ({
      name: signer.name,
      id: signer.id,
      signature: await signer.sign(Buffer.from(text, 'utf8')),
    })),
  );
  return formatNote({ text, signatures: [...others, ...made] });
}
