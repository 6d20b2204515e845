import {
  ALGORITHMS,
  DEVICE_TYPES,
  profileOf,
  type Algorithm,
  type DeviceType,
  type Profile,
} from '@countersign/contracts';
import { InvalidArgumentError, Option, type Command } from 'commander';

export interface ProfileOptions {
  type: DeviceType;
  algorithm: Algorithm;
  digits: number;
  step: number;
  counter: number;
  suite?: string;
  platformSuite?: string;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It should be a whole number.');
  return value;
}

/** How the device makes codes; the defaults are what every authenticator app understands. */
export function profiled(command: Command): Command {
  return command
    .addOption(
      new Option('--type <type>', 'by time, by counter, or answers to questions').choices(DEVICE_TYPES).default('totp'),
    )
    .addOption(new Option('--algorithm <hash>', 'of the HMAC').choices(ALGORITHMS).default('SHA1'))
    .option('--digits <number>', '6 to 8', wholeNumber, 6)
    .option('--step <seconds>', 'TOTP: length of a time step', wholeNumber, 30)
    .option('--counter <number>', 'HOTP: the first counter to be used', wholeNumber, 0)
    .option('--suite <suite>', 'OCRA: of its responses, e.g. OCRA-1:HOTP-SHA256-8:QN08; says hash, digits and step')
    .option('--platform-suite <suite>', "OCRA: of the platform's responses, for a device that asks back");
}

/** The profile as requests carry it: every field stated, so that both ends mean the same. */
export function profileFields({
  type,
  algorithm,
  digits,
  step,
  counter,
  suite,
  platformSuite,
}: ProfileOptions): Profile {
  const suites = { ...(suite !== undefined && { suite }), ...(platformSuite !== undefined && { platformSuite }) };
  const made = type === 'ocra' ? {} : { algorithm, digits, stepSeconds: step, t0Seconds: 0 };
  return profileOf({ type, ...made, counter, ...suites });
}
