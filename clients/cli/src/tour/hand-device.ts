import { beginExchange } from '@countersign/pairing';
import type { Countersign } from '@countersign/caller';
import { hotp, timeStep, type Digits } from '@countersign/oath';
import type { Clock, Secret } from '@countersign/runtime';
import type { Profile } from '@countersign/contracts';

const PROFILE: Profile = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 };
const GUESS_DISTANCE = 4; // steps around now whose codes a wrong code must not be: the window and more

/** A device held in memory for the length of the tour: what a phone would hold. */
export class HandDevice {
  private constructor(
    readonly id: string,
    private readonly key: Secret,
    private readonly clock: Clock,
  ) {}

  /** The exchange as any device does it: the key comes out of the HSM wrapped for this device alone. */
  static async enrol(
    desk: Countersign,
    { account, tenant, identityKey, clock }: { account: string; tenant: string; identityKey: string; clock: Clock },
  ): Promise<HandDevice> {
    const exchange = beginExchange();
    const answer = await desk.exchange({ account, point: exchange.point, ...PROFILE });
    const key = exchange.finish(answer, identityKey, { tenant, profile: PROFILE });
    return new HandDevice(answer.device, key, clock);
  }

  step(): number {
    return timeStep(this.clock.now(), PROFILE.t0Seconds, PROFILE.stepSeconds);
  }

  codeAt(step: number): string {
    return hotp(this.key, step, { algorithm: PROFILE.algorithm, digits: PROFILE.digits as Digits });
  }

  /** Six digits that this device shows at no time near `step`. */
  wrongCode(step: number): string {
    const shown = new Set<string>();
    for (let near = step - GUESS_DISTANCE; near <= step + GUESS_DISTANCE; near += 1) shown.add(this.codeAt(near));
    for (let guess = 0; ; guess += 1) {
      const code = String(guess).padStart(PROFILE.digits, '0');
      if (!shown.has(code)) return code;
    }
  }

  forget(): void {
    this.key[Symbol.dispose]();
  }
}
