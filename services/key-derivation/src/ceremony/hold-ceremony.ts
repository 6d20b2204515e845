import type { PublicKeys } from '@countersign/contracts';
import { Cryptoki } from '../driver/pkcs11/cryptoki.js';
import { ensureMasters, readPublicKeys } from './make-masters.js';
import { differences, readPublicFile, writePublicFile } from './public-file.js';
import { ensureToken, withToken } from './token-set-up.js';
import type { NewToken } from './token-set-up.js';

export interface CeremonySettings extends NewToken {
  modulePath: string;
  publicFile: string;
}

export interface CeremonyResult {
  publicKeys: PublicKeys;
  token: 'made' | 'there';
  file: 'written' | 'there';
  made: string[];
  there: string[];
}

/**
 * Makes the token's keys and writes what is public of them. Run again it makes nothing and says what is there; a run
 * that was cut short is completed. Once the public file exists, no key is ever made: the token must be the one that the
 * file describes, or this throws and changes nothing.
 */
export function holdCeremony(settings: CeremonySettings): CeremonyResult {
  const existing = readPublicFile(settings.publicFile);
  const cryptoki = new Cryptoki(settings.modulePath);
  cryptoki.initialize();
  try {
    if (existing && !cryptoki.slotOf(settings.tokenLabel))
      throw new Error(
        `${settings.publicFile} describes a token labelled ${JSON.stringify(settings.tokenLabel)} that is not there. ` +
          'Bring back its backup; new masters could not serve the devices that exist',
      );
    const token = ensureToken(cryptoki, settings);
    return withToken(cryptoki, settings, (session) => {
      const { made, there } = existing ? { made: [], there: [] } : ensureMasters(session);
      const publicKeys = readPublicKeys(session);
      if (!existing) {
        writePublicFile(settings.publicFile, publicKeys);
        return { publicKeys, token, file: 'written', made, there };
      }
      const others = differences(existing, publicKeys);
      if (others.length > 0)
        throw new Error(`the token is not the one that ${settings.publicFile} describes: ${others.join(', ')} differ`);
      return { publicKeys, token, file: 'there', made, there: Object.keys(publicKeys.checkValues) };
    });
  } finally {
    cryptoki.finalize();
  }
}
