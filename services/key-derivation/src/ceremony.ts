import { Environment, reasonOf } from '@countersign/runtime';
import { holdCeremony } from './ceremony/hold-ceremony.js';
import type { CeremonySettings } from './ceremony/hold-ceremony.js';
import { returnValueOf } from './driver/pkcs11/cryptoki.js';
import { MIN_PIN_BYTES } from './driver/pkcs11/pin-file.js';

/**
 * Makes the HSM's masters: run once by whoever sets the platform up, never by a service. Prints what it did, one line
 * of JSON; ends with 1 and why when it refuses.
 *
 * HSM_MODULE       path of the PKCS#11 module
 * HSM_TOKEN_LABEL  label of the token, made when it is not there
 * HSM_PIN_FILE     its PIN, written beforehand by the caller
 * HSM_SO_PIN_FILE  the security officer's PIN, likewise; not for any service to read
 * HSM_PUBLIC_FILE  where the public keys and check values go; never overwritten
 */
function settingsFrom(environment: Environment): CeremonySettings {
  const pinRule = `a PIN of at least ${MIN_PIN_BYTES} characters, drawn at random`;
  const settings = {
    modulePath: environment.text('HSM_MODULE', 'the path of a PKCS#11 module'),
    tokenLabel: environment.text('HSM_TOKEN_LABEL', '1 to 32 visible characters', { pattern: /^[\x21-\x7e]{1,32}$/ }),
    pin: environment.secretFile('HSM_PIN_FILE', pinRule, { minBytes: MIN_PIN_BYTES }),
    soPin: environment.secretFile('HSM_SO_PIN_FILE', pinRule, { minBytes: MIN_PIN_BYTES }),
    publicFile: environment.text('HSM_PUBLIC_FILE', 'the path where the public keys will be written'),
  };
  environment.finish();
  return settings;
}

try {
  const { publicKeys, ...done } = holdCeremony(settingsFrom(new Environment()));
  process.stdout.write(JSON.stringify({ ...done, public: publicKeys }) + '\n');
} catch (error) {
  process.stderr.write(`the ceremony was not held: ${returnValueOf(error)?.text ?? reasonOf(error)}\n`);
  process.exitCode = 1;
}
