import { createHash } from 'node:crypto';
import type { ChallengeLabel, KeyLabel } from '@countersign/contracts';
import type { Algorithm } from '@countersign/oath';
import { canonical } from '@countersign/pairing';
import type { PairedParameters } from '@countersign/pairing';
import type { DeviceLabel } from './hsm-driver.js';

/**
 * The data that masters derive keys from: a hash of a label's canonical form, at least as long as the key (AES-CBC
 * gives as many bytes as it takes). Each kind of key begins with a text of its own and has a master of its own
 * besides the decoy, whose label differs in its text.
 */
const hashFor = (algorithm: Algorithm): 'sha256' | 'sha512' => (algorithm === 'SHA512' ? 'sha512' : 'sha256');

function derivationData(hash: 'sha256' | 'sha512', domain: string, fields: (string | number | Uint8Array)[]): Buffer {
  return createHash(hash).update(canonical(domain, fields)).digest();
}

/** The parts of a device's label that a key is bound to, and the word that tells the kinds of label apart. */
function bound({ tenant, account, device, epoch, algorithm, ocra }: DeviceLabel): {
  kind: string;
  fields: (string | number)[];
} {
  const fields = [tenant, account, device, epoch, algorithm];
  if (ocra === undefined) return { kind: '', fields };
  return { kind: 'OCRA ', fields: [...fields, ocra.suite, ocra.platformSuite ?? ''] };
}

/** The label of the key that an enrolment makes. */
export function labelOf({ tenant, account, device, epoch, profile }: PairedParameters): DeviceLabel {
  const label = { tenant, account, device, epoch, algorithm: profile.algorithm };
  if (profile.type !== 'ocra' || profile.suite === undefined) return label;
  const { suite, platformSuite } = profile;
  return { ...label, ocra: { suite, ...(platformSuite !== undefined && { platformSuite }) } };
}

/** One text for one label. No part can hold the separator. */
export const nameOfLabel = (label: DeviceLabel): string => {
  const { kind, fields } = bound(label);
  return [kind, ...fields].join('|');
};

/** Of a device's key. `nonce` is 16 bytes: two keys made under the same label are two keys. */
export function deviceKeyData(label: DeviceLabel, nonce: Uint8Array): Buffer {
  const { kind, fields } = bound(label);
  return derivationData(hashFor(label.algorithm), `countersign ${kind}device key v1`, [...fields, nonce]);
}

/** Of the key that imported seeds of one device are sealed under. 32 bytes. */
export function storageKeyData(label: DeviceLabel): Buffer {
  const { kind, fields } = bound(label);
  return derivationData('sha256', `countersign ${kind}storage key v1`, fields);
}

/** Of the key that stands for everybody who does not exist. */
export function decoyKeyData(tenant: string, algorithm: Algorithm): Buffer {
  return derivationData(hashFor(algorithm), 'countersign decoy key v1', [tenant, algorithm]);
}

/** Of the key that the codes of a tenant's challenges come from. 32 bytes. */
export function challengeKeyData(tenant: string): Buffer {
  return derivationData('sha256', 'countersign challenge key v1', [tenant]);
}

/** Of a master's check value. 32 bytes. */
export function checkValueData(master: string): Buffer {
  return derivationData('sha256', 'countersign check value v1', [master]);
}

/** What a receipt is the MAC of. `answered`: the challenge that an OCRA device's response answered. */
export function receiptMessage(
  { tenant, account, device, epoch }: KeyLabel,
  counter: number,
  { challenge, transaction = '' }: Answered = {},
): Buffer {
  const fields = [tenant, account, device, epoch, counter];
  if (challenge === undefined) return canonical('countersign receipt v1', fields);
  const signed = Buffer.from(transaction, 'base64url');
  return canonical('countersign OCRA receipt v1', [...fields, challenge, signed]);
}

/** transaction: SHA-256, base64url */
export interface Answered {
  challenge?: string;
  transaction?: string;
}

/** What the receipt of an accepted challenge is the MAC of. */
export function challengeReceiptMessage({ tenant, account, challenge }: ChallengeLabel): Buffer {
  return canonical('countersign challenge receipt v1', [tenant, account, challenge]);
}
