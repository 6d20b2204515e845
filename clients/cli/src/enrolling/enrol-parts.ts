import type { StateFolder } from '@countersign/local';
import type { ProfileOptions } from '../profile-options.js';

/** Whose device it will be, and how it is wished. */
export interface EnrolParts {
  account: string;
  tenant: string;
  folder: StateFolder;
  options: ProfileOptions & { issuer?: string; namedOnly?: true; passphraseFile?: string };
}
