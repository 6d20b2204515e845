import { parseSuite } from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import type { PairedParameters } from '@countersign/pairing';

/** Parameters of some device of tenant acme. Tests only. */
export function parametersFor(algorithm: Algorithm): PairedParameters {
  return {
    tenant: 'acme',
    account: '0123456789abcdefghjk',
    device: '0123456789ab',
    epoch: 1,
    profile: { type: 'totp', algorithm, digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 0 },
  };
}

/** The same of an OCRA device. Tests only. */
export function ocraParametersFor(suite: string, platformSuite?: string): PairedParameters {
  const { algorithm } = parseSuite(suite);
  const suites = { suite, ...(platformSuite !== undefined && { platformSuite }) };
  const { profile, ...rest } = parametersFor(algorithm);
  return { ...rest, profile: { ...profile, type: 'ocra', digits: 6, ...suites } };
}
