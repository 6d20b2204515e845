import { profileOf, type Profile } from '@countersign/contracts';
import { randomId } from '@countersign/runtime';
import type { Chance } from '../chance/chance.js';
import { STEP_SECONDS, type HeldDevice, type Shown } from './held-device.js';

/** An account, by a name of its own and by its id. */
export interface Named {
  tenant: string;
  name: string;
  account: string;
}

/** An account and who holds its device. */
export interface Person extends Named {
  device: HeldDevice;
  /** where this person comes from, as the callers say; without it nothing is said */
  origin?: string;
  /** a code whose outcome is not known yet: nothing later is shown before it is */
  open?: Shown;
  /** what the operator did to the device; `…ing`: whether it is in force is not known yet */
  standing: 'active' | 'disabling' | 'revoking' | 'revoked';
  /** devices so far */
  devices: number;
}

const VICTIMS = 10; // the first of them
const TOTP = 0.1; // it has one code in ten seconds, so that most must be HOTP
const HAS_ORIGIN = 0.7;

export const newName = (chance: Chance): string => `person-${randomId(chance, 12)}`;
export const newOrigin = (chance: Chance): { origin?: string } =>
  chance.happens(HAS_ORIGIN) ? { origin: randomId(chance, 8) } : {};
export const newType = (chance: Chance): HeldDevice['type'] => (chance.happens(TOTP) ? 'totp' : 'hotp');
export const profileFor = (type: HeldDevice['type']): Profile =>
  profileOf({ type, ...(type === 'totp' && { stepSeconds: STEP_SECONDS }) });

/** Those who take part. One story at a time has a person's device in its hand; guessers take anybody. */
export class People {
  private readonly all: Person[] = [];
  private readonly free: Person[] = [];

  join(person: Person): void {
    this.all.push(person);
    this.free.push(person);
  }

  /** Somebody whose device nobody has in hand now; to be given back. */
  take(chance: Chance): Person | undefined {
    const last = this.free.pop();
    if (last === undefined || this.free.length === 0) return last;
    const at = chance.whole(this.free.length);
    const person = this.free[at] as Person;
    this.free[at] = last;
    return person;
  }

  giveBack(person: Person): void {
    this.free.push(person);
  }

  /** Anybody, whatever they do now. */
  any(chance: Chance): Person {
    return chance.among(this.all);
  }

  /** One of the few whom everybody attacks. */
  victim(chance: Chance): Person {
    return this.all[chance.whole(Math.min(VICTIMS, this.all.length))] as Person;
  }

  everybody(): readonly Person[] {
    return this.all;
  }
}
