import type { DeviceView } from '@countersign/contracts';
import { timeOf } from './event-lines.js';
import { table } from './table.js';

export function deviceLines(devices: DeviceView[]): string[] {
  if (devices.length === 0) return ['no devices'];
  const rows = devices.map((view) => {
    const { device, status, profile, codesLeft, expiresAt } = view;
    const suite = profile.type === 'ocra' ? profile.suite : undefined;
    const pace = profile.type === 'totp' ? `${profile.stepSeconds} s` : 'by counter';
    if (profile.type === 'recovery') return [device, status, 'recovery codes', `${codesLeft} left`];
    if (profile.type === 'sheet')
      return [device, status, 'sheet of codes', `${codesLeft} left, until ${timeOf(expiresAt as number)}`];
    const kind = suite ?? `${profile.type} ${profile.algorithm}, ${profile.digits} digits, ${pace}`;
    return [device, status, kind, notesOf(view).join(', ')];
  });
  return table([['device', 'status', 'kind', ''], ...rows]);
}

function notesOf({ namedOnly, firstUse, expiresAt, next, rekeyDue }: DeviceView): string[] {
  return [
    ...(namedOnly ? ['named only'] : []),
    ...(expiresAt === undefined ? [] : [`waits ${firstUse ? 'for its first use ' : ''}until ${timeOf(expiresAt)}`]),
    ...(next ? [`key ${next.epoch} waits until ${timeOf(next.expiresAt)}`] : []),
    ...(rekeyDue ? ['due for another key'] : []),
  ];
}
