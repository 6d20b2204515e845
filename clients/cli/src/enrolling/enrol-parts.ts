import type { Profile } from '@countersign/contracts';
import type { StateFolder } from '@countersign/local';

/** Whose device it will be, and how it is wished. */
export interface EnrolParts {
  account: string;
  tenant: string;
  folder: StateFolder;
  profile: Profile;
  /** what else a request for a device may say */
  wish: { namedOnly?: true; replaces?: string };
  options: { issuer?: string; passphraseFile?: string };
}
