import type { Countersign } from '@countersign/caller';
import type { Carrier, DeviceQuestions, DeviceVerb } from '../carrying/device-questions.js';

type Asked = { [Verb in DeviceVerb]: (request: DeviceQuestions[Verb]['request'], at: string) => Promise<unknown> };

/** Carries over NATS, with the credentials of a gateway or an enroller. */
export function overCaller(countersign: Countersign): Carrier {
  const asked: Asked = {
    'pair.share': (request, at) => countersign.pairShare({ ...request, at }),
    'pair.confirm': (request, at) => countersign.pairConfirm({ ...request, at }),
    'activation.redeem': (request) => countersign.redeemActivation(request),
    'device.confirm': (request) => countersign.confirm(request),
    'rekey.begin': (request) => countersign.beginRekey(request),
    'rekey.confirm': (request) => countersign.confirmRekey(request),
    'device.attest': (request) => countersign.attest(request),
  };
  return {
    ask: (verb, request, at = '') => asked[verb](request, at) as never,
  };
}
