import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Failure } from '@countersign/contracts';
import type { Random, Secret } from '@countersign/runtime';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Names as the store may hold them: AES-256-GCM, each time under a new nonce, bound to the entry's key. */
export class NameSeal {
  constructor(
    private readonly random: Random,
    /** 32 bytes; without it nothing is sealed or opened */
    private readonly secret: Secret | undefined,
  ) {}

  /** Nonce, ciphertext and tag as base64url. Throws INTERNAL without the secret. */
  seal(text: string, key: string): string {
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.revealed(), nonce).setAAD(Buffer.from(key));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** Throws UNAVAILABLE for what does not open under this secret and in this place; INTERNAL without the secret. */
  open(sealed: string, key: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const secret = this.revealed();
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new Failure('UNAVAILABLE', 'a name in the directory does not open under this secret', { cause });
    }
  }

  private revealed(): Buffer {
    if (this.secret === undefined) throw new Failure('INTERNAL', 'this directory has no key for names');
    return this.secret.reveal();
  }
}
