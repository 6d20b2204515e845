import { RECOVERY_CODES, type KeyType } from '@countersign/contracts';
import type { DeviceState } from './state.js';

/** A sheet: its codes are a list, each good once, that only a verb of its own looks at. */
export const isSheet = ({ type }: { type: KeyType }): boolean => type === 'recovery' || type === 'sheet';

export const codesOn = ({ codes = RECOVERY_CODES }: Pick<DeviceState, 'codes'>): number => codes;

/** Whether this code of a sheet was used. */
export const isSpent = ({ spent }: Pick<DeviceState, 'spent'>, code: number): boolean =>
  spent !== undefined && ((mask(spent) >> BigInt(code)) & 1n) === 1n;

/** What is spent of a sheet when this code is. */
export const withSpent = ({ spent = '0' }: Pick<DeviceState, 'spent'>, code: number): string =>
  (mask(spent) | (1n << BigInt(code))).toString(16);

export const codesLeft = (sheet: Pick<DeviceState, 'codes' | 'spent'>): number =>
  Array.from({ length: codesOn(sheet) }, (_, code) => code).filter((code) => !isSpent(sheet, code)).length;

const mask = (spent: string): bigint => BigInt(`0x${spent}`);
