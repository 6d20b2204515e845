import { Failure } from '@countersign/contracts';

/** INVALID_ARGUMENT naming a field of the wish. */
export function unsendable(field: 'channel' | 'to' | 'template' | 'fields' | 'sealed' | 'expiresAt', problem: string) {
  return new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }] });
}

/** `<name>:<recipient>`, of a webhook's endpoint or a courier. */
export function splitRecipient(to: string, named: string): { name: string; recipient: string } {
  const at = to.indexOf(':');
  if (at < 1 || at === to.length - 1) throw unsendable('to', `${named}, a colon, and the recipient as it knows it`);
  return { name: to.slice(0, at), recipient: to.slice(at + 1) };
}
