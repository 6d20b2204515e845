/**
 * exists: there is a device file already, and a device has one holder; missing: there is none; format: it is not one;
 * passphrase: wrong, or the file was changed; spent: the last counter was used.
 */
export type DeviceFileProblem = 'exists' | 'missing' | 'format' | 'passphrase' | 'spent';

export class DeviceFileError extends Error {
  override readonly name = 'DeviceFileError';

  constructor(
    readonly problem: DeviceFileProblem,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(detail, options);
  }
}
