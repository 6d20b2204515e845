import type { AccountState, Candidate, DeviceState, OpenChallenge, Redeemed } from '@countersign/account';
import type { Answered, Place } from '../places/place.js';

/** A challenge whose code is an OCRA device's response. */
export type Question = Extract<OpenChallenge, { ocra: object }>;

/** A code that such a device may show: the key service takes no other. */
const RESPONSE = /^[0-9]{6,8}$/;

export const isQuestion = (challenge: OpenChallenge | undefined): challenge is Question =>
  challenge !== undefined && 'ocra' in challenge;

export const ocraDevice = ({ devices }: AccountState, id: string | undefined): DeviceState | undefined =>
  devices.find((device) => device.id === id && device.type === 'ocra' && device.status === 'active');

/** What the device is asked comes from this alone; nobody here chooses a question. `signed`: of the transaction, where it is bound to one. */
export const answeredTo = ({ id, ocra: { asked } }: Question, signed: string | undefined): Answered => ({
  challenge: id,
  ...(signed !== undefined && { transaction: signed }),
  ...(asked !== undefined && { asked }),
});

/** Whether it is the device's response. Throws UNAVAILABLE. */
export async function response(place: Place, device: Candidate, answered: Answered, code: string): Promise<Redeemed> {
  const [shown] = RESPONSE.test(code) ? await place.match([device], code, { answered }) : [];
  return shown === undefined ? { kind: 'none' } : { kind: 'match', receipt: shown.receipt, counter: shown.counter };
}
