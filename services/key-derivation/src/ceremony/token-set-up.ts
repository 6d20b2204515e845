import pkcs11js from 'pkcs11js';
import type { Secret } from '@countersign/runtime';
import type { Cryptoki } from '../driver/pkcs11/cryptoki.js';
import { Session } from '../driver/pkcs11/session.js';

const LABEL_BYTES = 32; // blank-padded: PKCS#11 2.40, C_InitToken

export interface NewToken {
  tokenLabel: string;
  pin: Secret;
  /** can set the PIN anew: as precious as the PIN, and kept where no service reads it */
  soPin: Secret;
}

/** Initialises a free slot as a token with this label and PIN; an existing token is left as it is. */
export function ensureToken(cryptoki: Cryptoki, { tokenLabel, pin, soPin }: NewToken): 'made' | 'there' {
  if (cryptoki.slotOf(tokenLabel)) return 'there';
  const { calls } = cryptoki;
  const free = calls.C_GetSlotList(true).find((slot) => {
    return (calls.C_GetTokenInfo(slot).flags & pkcs11js.CKF_TOKEN_INITIALIZED) === 0;
  });
  if (!free) throw new Error('there is no free slot to initialise a token in');
  calls.C_InitToken(free, soPin.reveal().toString('utf8'), tokenLabel.padEnd(LABEL_BYTES)); // pkcs11js would fill up with zeros
  // SoftHSM numbers its slots anew at initialisation: find the token by its label, like everybody after this
  cryptoki.finalize();
  cryptoki.initialize();
  const slot = cryptoki.slotOf(tokenLabel);
  if (!slot) throw new Error('the token that was just initialised is not there');
  const session = Session.open(cryptoki, slot, 'read-write');
  try {
    calls.C_Login(session.handle, pkcs11js.CKU_SO, soPin.reveal().toString('utf8'));
    calls.C_InitPIN(session.handle, pin.reveal().toString('utf8'));
  } finally {
    calls.C_CloseAllSessions(slot);
  }
  return 'made';
}

/** Lends a logged-in session that may write objects to the token. */
export function withToken<T>(
  cryptoki: Cryptoki,
  { tokenLabel, pin }: Pick<NewToken, 'tokenLabel' | 'pin'>,
  work: (session: Session) => T,
): T {
  const slot = cryptoki.slotOf(tokenLabel);
  if (!slot) throw new Error(`there is no token labelled ${JSON.stringify(tokenLabel)}`);
  const session = Session.open(cryptoki, slot, 'read-write');
  try {
    cryptoki.calls.C_Login(session.handle, pkcs11js.CKU_USER, pin.reveal().toString('utf8'));
    return work(session);
  } finally {
    cryptoki.calls.C_CloseAllSessions(slot);
  }
}
