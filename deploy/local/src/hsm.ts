import { isPublicKeys, type PublicKeys } from '@countersign/contracts';
import { SIGNATURE_TYPES, formatVerifierKey, verifierKey } from '@countersign/tlog';
import type { StateFolder } from './folder.js';
import { readJson, writePrivate } from './private-files.js';
import { programOf } from './root.js';
import { runOnce } from './run-once.js';
import { libraryVariables, type Servers } from './runtime.js';

const TOKEN_LABEL = 'countersign';
/** The log's name: first line of its checkpoints, and name of the key that signs them. */
export const AUDIT_ORIGIN = 'countersign.local/ledger';

/** What a process needs to open the token: key-derivation, and the ceremony before it. */
export function hsmVariables(folder: StateFolder, servers: Servers): Record<string, string> {
  return {
    ...libraryVariables(servers),
    SOFTHSM2_CONF: folder.hsmConfig(),
    HSM_MODULE: servers.softhsmModule,
    HSM_TOKEN_LABEL: TOKEN_LABEL,
    HSM_PIN_FILE: folder.hsmPin(),
    HSM_PUBLIC_FILE: folder.hsmPublic(),
  };
}

/** Tells SoftHSM where the folder's token lies. */
export function writeHsmConfig(folder: StateFolder): void {
  const lines = [`directories.tokendir = ${folder.hsmTokens()}`, 'objectstore.backend = file', 'log.level = ERROR', ''];
  writePrivate(folder.hsmConfig(), lines.join('\n'));
}

/** Makes the token and its masters, once; run again it only checks that the token is the one that public.json names. */
export async function holdCeremony(folder: StateFolder, servers: Servers): Promise<void> {
  writeHsmConfig(folder);
  await runOnce({
    meaning: 'the key ceremony',
    program: programOf('services/key-derivation', 'ceremony.js'),
    variables: { ...hsmVariables(folder, servers), HSM_SO_PIN_FILE: folder.hsmSecurityOfficerPin() },
  });
  writePrivate(folder.auditKey(), `${auditKey(folder)}\n`);
}

/** The keys that clients pin. Throws Error when no ceremony was held. */
export function publicKeys(folder: StateFolder): PublicKeys {
  const keys = readJson<unknown>(folder.hsmPublic());
  if (isPublicKeys(keys)) return keys;
  throw new Error(`${folder.hsmPublic()} is missing; run: countersign init`);
}

/** What the log is checked with: its verifier key, in one line. Throws Error when no ceremony was held. */
export function auditKey(folder: StateFolder): string {
  const key = Buffer.from(publicKeys(folder).audit, 'base64url');
  return formatVerifierKey(verifierKey(AUDIT_ORIGIN, SIGNATURE_TYPES.ed25519, key));
}
