import type { DeviceView } from '@countersign/contracts';
import { timeOf } from './event-lines.js';
import { table } from './table.js';

export function deviceLines(devices: DeviceView[]): string[] {
  if (devices.length === 0) return ['no devices'];
  const rows = devices.map(({ device, status, profile, namedOnly, expiresAt, codesLeft }) => {
    const pace = profile.type === 'totp' ? `${profile.stepSeconds} s` : 'by counter';
    const notes = [namedOnly && 'named only', expiresAt !== undefined && `waits until ${timeOf(expiresAt)}`];
    if (profile.type === 'recovery') return [device, status, 'recovery codes', `${codesLeft} left`];
    const kind = `${profile.type} ${profile.algorithm}, ${profile.digits} digits, ${pace}`;
    return [device, status, kind, notes.filter(Boolean).join(', ')];
  });
  return table([['device', 'status', 'kind', ''], ...rows]);
}
