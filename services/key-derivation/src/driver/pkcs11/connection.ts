import type { Handle } from 'pkcs11js';
import pkcs11js from 'pkcs11js';
import type { PublicKeys } from '@countersign/contracts';
import type { Cryptoki } from './cryptoki.js';
import { returnValueOf } from './cryptoki.js';
import { Keeper } from './keeper.js';
import { proveKnownAnswers } from './known-answers.js';
import { WrongToken, openMasters } from './masters.js';
import type { Masters } from './masters.js';
import type { PinFile } from './pin-file.js';
import { Session } from './session.js';
import { Sessions } from './sessions.js';

export interface TokenSettings {
  tokenLabel: string;
  pin: PinFile;
  pinned: PublicKeys;
  /** device keys held between questions */
  cachedKeys: number;
}

/** A token logged in to and proved: everything that holds a handle. All of it is dropped together. */
export interface Connection {
  /** raised by each repair */
  generation: number;
  sessions: Sessions;
  keeper: Keeper;
  masters: Masters;
}

/**
 * Opens the token: login, masters compared with what is pinned, known answers. Whatever was open before is closed, and
 * every handle of it is void. Throws WrongToken, or the HSM's own error.
 */
export function connect(cryptoki: Cryptoki, settings: TokenSettings, generation: number): Connection {
  const slot = cryptoki.slotOf(settings.tokenLabel);
  if (!slot) throw new WrongToken(`there is no token labelled ${JSON.stringify(settings.tokenLabel)}`);
  cryptoki.calls.C_CloseAllSessions(slot);
  const session = Session.open(cryptoki, slot);
  login(cryptoki, slot, session.handle, settings.pin);
  const sessions = new Sessions(cryptoki, slot);
  const masters = openMasters(session, settings.pinned);
  sessions.use((lent) => proveKnownAnswers(lent, masters, settings.pinned));
  return { generation, sessions, keeper: new Keeper(session, settings.cachedKeys), masters };
}

function login({ calls }: Cryptoki, slot: Handle, session: Handle, file: PinFile): void {
  file.login(calls.C_GetTokenInfo(slot).serialNumber, (pin) => {
    try {
      calls.C_Login(session, pkcs11js.CKU_USER, pin.reveal().toString('utf8'));
      return 'taken';
    } catch (error) {
      if (PIN_REFUSED.has(returnValueOf(error)?.code ?? 0)) return 'refused';
      throw error;
    }
  });
}

/** CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED, CKR_PIN_LOCKED */
const PIN_REFUSED = new Set([0xa0, 0xa2, 0xa3, 0xa4]);
