import { createRequire } from 'node:module';
import { connect } from '@nats-io/transport-node';
import { MASTER, WINDOW, label, truncate } from './keys.js';

/** The floor's key service: a handle per device, three HMACs a question, nothing else. */
const [servers, holder, module, pin] = process.argv.slice(2) as [string, string, string, string];
type Handle = Buffer;
type Template = { type: number; value: number | boolean | Buffer }[];
/** As much of pkcs11js as is used here. */
interface Calls {
  load(module: string): void;
  C_Initialize(options: { flags: number }): void;
  C_GetSlotList(present: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { label: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_Login(session: Handle, user: number, pin: string): void;
  C_CreateObject(session: Handle, template: Template): Handle;
  C_DeriveKey(session: Handle, mechanism: object, from: Handle, template: Template): Handle;
  C_SignInit(session: Handle, mechanism: object, key: Handle): void;
  C_Sign(session: Handle, data: Buffer, out: Buffer): Buffer;
}
type Constant =
  | 'CKA_CLASS'
  | 'CKA_DERIVE'
  | 'CKA_EXTRACTABLE'
  | 'CKA_KEY_TYPE'
  | 'CKA_PRIVATE'
  | 'CKA_SENSITIVE'
  | 'CKA_SIGN'
  | 'CKA_TOKEN'
  | 'CKA_VALUE'
  | 'CKA_VALUE_LEN'
  | 'CKF_OS_LOCKING_OK'
  | 'CKF_RW_SESSION'
  | 'CKF_SERIAL_SESSION'
  | 'CKK_AES'
  | 'CKK_GENERIC_SECRET'
  | 'CKM_AES_CBC_ENCRYPT_DATA'
  | 'CKM_SHA_1_HMAC'
  | 'CKO_SECRET_KEY'
  | 'CKU_USER'
  | 'CK_PARAMS_AES_CBC';
type Pkcs11 = { PKCS11: new () => Calls } & Record<Constant, number>;
// The one copy there is: the key service's.
const pkcs11 = createRequire(holder)('pkcs11js') as Pkcs11;

const calls = new pkcs11.PKCS11();
calls.load(module);
calls.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK });
const slot = calls.C_GetSlotList(true).find((each) => calls.C_GetTokenInfo(each).label.trim() === 'floor');
if (slot === undefined) throw new Error('there is no token labelled floor');
const session = calls.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
calls.C_Login(session, pkcs11.CKU_USER, pin);

const secret = { token: false, sensitive: true, extractable: false };
const common = [
  { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
  { type: pkcs11.CKA_TOKEN, value: secret.token },
  { type: pkcs11.CKA_PRIVATE, value: true },
  { type: pkcs11.CKA_SENSITIVE, value: secret.sensitive },
  { type: pkcs11.CKA_EXTRACTABLE, value: secret.extractable },
];
const master = calls.C_CreateObject(session, [
  ...common,
  { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
  { type: pkcs11.CKA_DERIVE, value: true },
  { type: pkcs11.CKA_VALUE, value: MASTER },
]);
const macKey = [
  ...common,
  { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_GENERIC_SECRET },
  { type: pkcs11.CKA_SIGN, value: true },
  { type: pkcs11.CKA_VALUE_LEN, value: 32 },
];
const hmac = { mechanism: pkcs11.CKM_SHA_1_HMAC };
const handles = new Map<string, Handle>();
const counterBytes = Buffer.alloc(8);
const mac = Buffer.alloc(20);

function handleOf(device: string): Handle {
  const held = handles.get(device);
  if (held) return held;
  const parameter = { type: pkcs11.CK_PARAMS_AES_CBC, iv: Buffer.alloc(16), data: label(device) };
  const made = calls.C_DeriveKey(session, { mechanism: pkcs11.CKM_AES_CBC_ENCRYPT_DATA, parameter }, master, macKey);
  handles.set(device, made);
  return made;
}

export interface Question {
  device: string;
  counter: number;
  code: number;
}

/** Which of the window matches; -1: none. Always the whole window. */
function match({ device, counter, code }: Question): number {
  const key = handleOf(device);
  let found = -1;
  for (let ahead = 0; ahead < WINDOW; ahead += 1) {
    counterBytes.writeBigUInt64BE(BigInt(counter + ahead));
    calls.C_SignInit(session, hmac, key);
    if (truncate(calls.C_Sign(session, counterBytes, mac)) === code && found < 0) found = ahead;
  }
  return found;
}

const connection = await connect({ servers });
connection.subscribe('floor.match', {
  callback: (error, message) => {
    if (error) throw error;
    message.respond(JSON.stringify(message.json<Question[]>().map(match)));
  },
});
await connection.flush();
process.send?.('ready');
process.on('disconnect', () => process.exit());
