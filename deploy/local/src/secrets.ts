import type { Random } from '@countersign/runtime';
import type { SecretName, StateFolder } from './folder.js';
import { makeOnce } from './private-files.js';

const KEYS: SecretName[] = ['directory-index.key', 'directory-names.key', 'verification.key'];
const PASSWORDS: SecretName[] = ['redis-verification.password', 'redis-admin.password', 'nats-routes.password'];
const KEY_BYTES = 32;
const PASSWORD_BYTES = 24;
const PIN_BYTES = 12;
const NEWLINE = 10;

/** Draws what the services share and what opens Redis and the token; what exists stays as it is. */
export function makeSecrets(folder: StateFolder, random: Random): void {
  for (const name of KEYS) makeOnce(folder.secret(name), () => key(random));
  for (const name of PASSWORDS) makeOnce(folder.secret(name), () => random.bytes(PASSWORD_BYTES).toString('hex'));
  for (const path of [folder.hsmPin(), folder.hsmSecurityOfficerPin()])
    makeOnce(path, () => random.bytes(PIN_BYTES).toString('hex'));
}

/** 32 bytes as they are. The last is no newline, since readers of secret files take one off. */
function key(random: Random): Buffer {
  for (;;) {
    const bytes = random.bytes(KEY_BYTES);
    if (bytes.at(-1) !== NEWLINE) return bytes;
  }
}
