import { isSheet, type Standing } from '@countersign/account';
import { Failure, type DeviceId } from '@countersign/contracts';

/** The device that a new one is to replace, if the request names one. Throws NOT_FOUND for one that is not there. */
export function replacedIn({ state }: Standing, device: string | undefined): DeviceId | undefined {
  if (device === undefined) return undefined;
  const found = state.devices.find((each) => each.id === device && !isSheet(each) && each.status !== 'revoked');
  if (found === undefined) throw new Failure('NOT_FOUND', 'the account has no such device to be replaced');
  return found.id;
}
