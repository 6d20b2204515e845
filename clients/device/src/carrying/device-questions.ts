import type {
  Attested,
  ConfirmRequest,
  EnrolmentAnswer,
  ProvisionReply,
  ShareReply,
  ShareRequest,
} from '@countersign/pairing/portable';

/** Whose device speaks: the account's id. */
interface Named {
  id: string;
}

/** What the platform says of a code. */
export interface Judgement {
  verdict: 'accepted' | 'rejected';
  reason?: string;
  attemptsLeft?: number;
  retryAfterMs?: number;
}

/** What a device may say, and what it is answered: all that a gateway passes on. */
export interface DeviceQuestions {
  'pair.share': { request: Named & ShareRequest; reply: ShareReply & { triesLeft: number } };
  'pair.confirm': { request: Named & ConfirmRequest; reply: ProvisionReply };
  'activation.redeem': { request: Named & { token: string; point: string }; reply: EnrolmentAnswer };
  'device.confirm': { request: Named & { device: string; code: string }; reply: Judgement };
  'rekey.begin': {
    request: Named & { device: string; point: string; proof: string };
    reply: EnrolmentAnswer & { seal: string };
  };
  'rekey.confirm': { request: Named & { device: string; epoch: number; code: string }; reply: Judgement };
  'device.attest': {
    request: Named & { device: string; challenge: string };
    reply: Attested & { signature: string; rekeyDue?: true };
  };
}

export type DeviceVerb = keyof DeviceQuestions;

const VERBS: Record<DeviceVerb, true> = {
  'pair.share': true,
  'pair.confirm': true,
  'activation.redeem': true,
  'device.confirm': true,
  'rekey.begin': true,
  'rekey.confirm': true,
  'device.attest': true,
};
export const isDeviceVerb = (text: unknown): text is DeviceVerb =>
  typeof text === 'string' && Object.hasOwn(VERBS, text);

/** Brings what a device says to the platform, and the answer back. */
export interface Carrier {
  /**
   * `at`: the replica that holds the session, for verbs of pairing. Throws Failure, as the platform said it; what else
   * it throws means that nothing is known.
   */
  ask<Verb extends DeviceVerb>(
    verb: Verb,
    request: DeviceQuestions[Verb]['request'],
    at?: string,
  ): Promise<DeviceQuestions[Verb]['reply']>;
}
