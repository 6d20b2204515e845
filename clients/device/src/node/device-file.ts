import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEVICE_TYPES } from '@countersign/contracts';
import type { Profile } from '@countersign/contracts';
import { isAlgorithm, isDigits } from '@countersign/oath';
import type { DeviceDescription } from '../description.js';
import { DeviceError } from '../device-error.js';
import type { Protected } from './protection.js';

export interface DeviceFile extends DeviceDescription {
  format: typeof FORMAT;
  /** HOTP: the next counter to show; TOTP: 0 */
  nextCounter: number;
  key: Protected;
  /** what a re-key brought that is not decided yet */
  next?: { epoch: number; nextCounter: number; key: Protected };
}

export const FORMAT = 'countersign-device-1';
const OWNER_ONLY = 0o600;

/** Throws DeviceError: missing, format. */
export function readDeviceFile(path: string): DeviceFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new DeviceError('missing', `there is no device file ${path}`);
  }
  const value = parse(text);
  if (!isDeviceFile(value)) throw new DeviceError('format', `${path} is not a device file`);
  return value;
}

/** Throws DeviceError 'exists': a key is never written over. */
export function createDeviceFile(path: string, file: DeviceFile): void {
  const draft = writeDraft(path, file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new DeviceError('exists', `${path} holds a device already`);
    throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(path);
}

/** Whole or not at all, and on the disk when this returns. */
export function replaceDeviceFile(path: string, file: DeviceFile): void {
  renameSync(writeDraft(path, file), path);
  syncFolder(path);
}

function writeDraft(path: string, file: DeviceFile): string {
  const draft = `${path}.${process.pid}.draft`;
  const handle = openSync(draft, 'w', OWNER_ONLY);
  try {
    writeSync(handle, JSON.stringify(file, null, 2) + '\n');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return draft;
}

/** A name is on the disk only when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 1024;

function isDeviceFile(value: unknown): value is DeviceFile {
  const file = value as Partial<DeviceFile> | null | undefined;
  if (file?.format !== FORMAT || !isWhole(file.epoch) || !isWhole(file.nextCounter)) return false;
  if (![file.tenant, file.account, file.device, file.identity === undefined ? '' : file.identity].every(isText))
    return false;
  return isProfile(file.profile) && isProtected(file.key) && (file.next === undefined || isNext(file.next));
}

function isNext(value: DeviceFile['next'] | null): boolean {
  return isWhole(value?.epoch) && isWhole(value?.nextCounter) && isProtected(value?.key);
}

function isProfile(value: Partial<Profile> | undefined): value is Profile {
  if (!value || !DEVICE_TYPES.includes(value.type as never) || !isAlgorithm(value.algorithm)) return false;
  const numbers = [value.counter, value.stepSeconds];
  if ((value.type === 'ocra') !== isText(value.suite) || !isText(value.platformSuite ?? '')) return false;
  if (!Number.isSafeInteger(value.t0Seconds)) return false; // may lie before 1970
  return isDigits(value.digits) && numbers.every(isWhole) && value.stepSeconds !== 0;
}

function isProtected(value: Partial<Protected> | undefined): value is Protected {
  if (!value?.scrypt || !isText(value.nonce) || !isText(value.sealed)) return false;
  const { cost, blockSize, parallel, salt } = value.scrypt;
  return [cost, blockSize, parallel].every(isWhole) && isText(salt);
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
