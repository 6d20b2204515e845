/**
 * exists: there is such a device already, and a device has one holder; missing: there is none; format: it is not one;
 * passphrase: wrong, or the file was changed; spent: the last counter was used; platform: the platform's response is wrong.
 */
export type DeviceProblem = 'exists' | 'missing' | 'format' | 'passphrase' | 'spent' | 'platform';

/** Why a device that is held cannot be used. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';

  constructor(
    readonly problem: DeviceProblem,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(detail, options);
  }
}
