import type { LogAlarm } from '@countersign/contracts';

/** Something is not as the log says it must be: nothing is signed until it is again. */
export class Doubt extends Error {
  override readonly name = 'Doubt';

  constructor(
    readonly kind: LogAlarm['kind'],
    /** of the event, or the size of the tree in doubt */
    readonly sequence: number,
    detail: string,
    readonly subject = '',
  ) {
    super(detail);
  }
}
