import type { PipeTransform } from '@nestjs/common';
import { parseMessage } from '@countersign/contracts';

/** `@Payload(new ValidMessage(VerifyRequest))`: an instance of the class, or INVALID_ARGUMENT with the wrong fields. */
export class ValidMessage<T extends object> implements PipeTransform<unknown, T> {
  constructor(private readonly type: new () => T) {}

  transform(value: unknown): T {
    return parseMessage(this.type, value);
  }
}
