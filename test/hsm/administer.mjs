// What a token's administrator does, apart from the service, in a process of its own.
// Standard input: {"module": path, "label": of the token, "pin", "newPin"?: C_SetPIN, "newMaster"?: label of an AES key that
// is destroyed and made anew}
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const holder = fileURLToPath(new URL('../../services/key-derivation/package.json', import.meta.url));
/** @type {typeof import('pkcs11js')} */
const p11 = createRequire(holder)('pkcs11js');
/** @type {Record<'module' | 'label' | 'pin', string> & Partial<Record<'newPin' | 'newMaster', string>>} */
const { module, label, pin, newPin, newMaster } = JSON.parse(readFileSync(0, 'utf8'));

const calls = new p11.PKCS11();
calls.load(module);
calls.C_Initialize({ flags: p11.CKF_OS_LOCKING_OK });
const slot = calls.C_GetSlotList(true).find((each) => calls.C_GetTokenInfo(each).label.trimEnd() === label);
if (!slot) throw new Error(`there is no token ${label}`);
const session = calls.C_OpenSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION);
calls.C_Login(session, p11.CKU_USER, pin);
if (newPin !== undefined) calls.C_SetPIN(session, pin, newPin);
if (newMaster !== undefined) {
  calls.C_FindObjectsInit(session, [{ type: p11.CKA_LABEL, value: newMaster }]);
  const [old] = calls.C_FindObjects(session, 2);
  calls.C_FindObjectsFinal(session);
  if (!old) throw new Error(`there is no key ${newMaster}`);
  calls.C_DestroyObject(session, old);
  calls.C_GenerateKey(session, { mechanism: p11.CKM_AES_KEY_GEN }, [
    { type: p11.CKA_LABEL, value: newMaster },
    { type: p11.CKA_TOKEN, value: true },
    { type: p11.CKA_PRIVATE, value: true },
    { type: p11.CKA_SENSITIVE, value: true },
    { type: p11.CKA_DERIVE, value: true },
    { type: p11.CKA_VALUE_LEN, value: 32 },
  ]);
}
calls.C_Finalize();
