import { createHash } from 'node:crypto';
import type { ChallengeLabel, KeyLabel } from '@countersign/contracts';
import type { Algorithm } from '@countersign/oath';
import { canonical } from '@countersign/pairing';
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

/** Of a device's key. `nonce` is 16 bytes: two keys made under the same label are two keys. */
export function deviceKeyData(label: DeviceLabel, nonce: Uint8Array): Buffer {
  const { tenant, account, device, epoch, algorithm } = label;
  const fields = [tenant, account, device, epoch, algorithm, nonce];
  return derivationData(hashFor(algorithm), 'countersign device key v1', fields);
}

/** Of the key that imported seeds of one device are sealed under. 32 bytes. */
export function storageKeyData({ tenant, account, device, epoch, algorithm }: DeviceLabel): Buffer {
  return derivationData('sha256', 'countersign storage key v1', [tenant, account, device, epoch, algorithm]);
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

/** What a receipt is the MAC of. */
export function receiptMessage({ tenant, account, device, epoch }: KeyLabel, counter: number): Buffer {
  return canonical('countersign receipt v1', [tenant, account, device, epoch, counter]);
}

/** What the receipt of an accepted challenge is the MAC of. */
export function challengeReceiptMessage({ tenant, account, challenge }: ChallengeLabel): Buffer {
  return canonical('countersign challenge receipt v1', [tenant, account, challenge]);
}
