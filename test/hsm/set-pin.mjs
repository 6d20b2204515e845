// Changes the PIN of a token as its administrator would, apart from the service: C_SetPIN, in a process of its own.
// Standard input: {"module": path, "label": token, "from": PIN, "to": PIN}
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const holder = fileURLToPath(new URL('../../services/key-derivation/package.json', import.meta.url));
/** @type {typeof import('pkcs11js')} */
const pkcs11js = createRequire(holder)('pkcs11js');
const { module, label, from, to } = JSON.parse(readFileSync(0, 'utf8'));

const calls = new pkcs11js.PKCS11();
calls.load(module);
calls.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
const slot = calls.C_GetSlotList(true).find((each) => calls.C_GetTokenInfo(each).label.trimEnd() === label);
if (!slot) throw new Error(`there is no token ${label}`);
const session = calls.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
calls.C_Login(session, pkcs11js.CKU_USER, from);
calls.C_SetPIN(session, from, to);
calls.C_Finalize();
