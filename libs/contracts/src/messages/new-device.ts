import { IsBoolean } from '../class-validator.js';
import { AccountName, DeviceIdField, Optional } from './fields.js';
import { ProfileFields } from './profile.js';

/** What everybody says who asks for a device, whatever way its key takes. */
export class NewDeviceRequest extends ProfileFields {
  @AccountName()
  account!: string;

  /** judged only when a request names it */
  @Optional()
  @IsBoolean({ message: 'true or false' })
  namedOnly?: boolean;

  /** the device that is revoked when this one is active */
  @Optional()
  @DeviceIdField()
  replaces?: string;
}
