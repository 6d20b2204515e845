import { createHash } from 'node:crypto';

export interface TreeHead {
  /** first line of the checkpoint, and the key's name */
  origin: string;
  size: number;
  /** SHA-256, 32 bytes */
  root: Uint8Array;
}

/** The text that is signed: origin, size, root, each on its line (C2SP tlog-checkpoint). */
export function checkpointText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/**
 * The note: text, blank line, signature line (C2SP signed-note). `publicKey` is Ed25519's 32 bytes; the key id is the
 * first four bytes of SHA-256 over name, newline, signature type 0x01 and key.
 */
export function signedNote(text: string, origin: string, publicKey: Uint8Array, signature: Uint8Array): string {
  const id = createHash('sha256').update(`${origin}\n\x01`).update(publicKey).digest().subarray(0, 4);
  return `${text}\n— ${origin} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}
