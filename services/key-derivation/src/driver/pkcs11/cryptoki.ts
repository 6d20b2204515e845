import pkcs11js from 'pkcs11js';
import type { Handle, PKCS11 } from 'pkcs11js';

/** Return values that mean "already so": nothing is wrong when they come. */
const CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;
const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;

/** One loaded PKCS#11 module. A process has one: C_Initialize and C_Finalize are for all of it. */
export class Cryptoki {
  readonly calls: PKCS11;

  /** Throws when the module cannot be loaded. */
  constructor(readonly path: string) {
    this.calls = new pkcs11js.PKCS11();
    this.calls.load(path);
  }

  initialize(): void {
    tolerate(CKR_CRYPTOKI_ALREADY_INITIALIZED, () => this.calls.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK }));
  }

  finalize(): void {
    tolerate(CKR_CRYPTOKI_NOT_INITIALIZED, () => this.calls.C_Finalize());
  }

  /** The slot of the one initialised token with this label; undefined when there is none. Throws when there are two. */
  slotOf(tokenLabel: string): Handle | undefined {
    const slots = this.calls.C_GetSlotList(true).filter((slot) => {
      const token = this.calls.C_GetTokenInfo(slot);
      const initialised = (token.flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0;
      return initialised && token.label.trimEnd() === tokenLabel;
    });
    if (slots.length > 1) throw new Error(`there are ${slots.length} tokens labelled ${JSON.stringify(tokenLabel)}`);
    return slots[0];
  }
}

/** The name of a PKCS#11 return value, and where it came from; undefined for any other error. */
export function returnValueOf(error: unknown): { code: number; text: string } | undefined {
  if (!(error instanceof Error) || !('code' in error) || !/^CKR_/.test(error.message)) return undefined;
  const method = 'method' in error && typeof error.method === 'string' ? error.method : '';
  return { code: Number(error.code), text: `${error.message} ${method}`.trim() };
}

function tolerate(code: number, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (returnValueOf(error)?.code !== code) throw error;
  }
}
