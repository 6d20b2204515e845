import type { PerReplicaVerb, Questions, Verb } from '@countersign/contracts';

/**
 * What may be asked again when nothing, or nothing certain, came back:
 * verdict: yes, under the same requestId, which makes the answer the same; drawn when the request has none.
 * safe: yes, since asking twice changes nothing more.
 * once: no, since the first may have been done; the caller looks before it asks again.
 */
export type Again = 'verdict' | 'safe' | 'once';

/** One verb and the types of its messages. The types exist for the compiler only. */
export interface Method<Request, Reply> {
  verb: Verb;
  again: Again;
  readonly types?: { request: Request; reply: Reply };
}

/** `at`: the replica to ask, as an answer before told it; it goes into the subject. */
type Of<V extends Verb> = Method<
  Questions[V]['request'] & (V extends PerReplicaVerb ? { at: string } : unknown),
  Questions[V]['reply']
>;
const method = <V extends Verb>(verb: V, again: Again): Of<V> => ({ verb, again });

/** Every verb by the name it has in this library. The client's methods are made from this table. */
export const METHODS = {
  verify: method('verify', 'verdict'),
  confirm: method('device.confirm', 'verdict'),
  beginRekey: method('rekey.begin', 'once'),
  confirmRekey: method('rekey.confirm', 'verdict'),
  attest: method('device.attest', 'safe'),
  resync: method('resync', 'verdict'),
  recover: method('recover', 'verdict'),
  verifySheet: method('sheet.verify', 'verdict'),
  issueChallenge: method('challenge.issue', 'verdict'),
  verifyChallenge: method('challenge.verify', 'verdict'),
  sendChallenge: method('challenge.send', 'once'),
  cancelChallenge: method('challenge.cancel', 'once'),
  unlock: method('account.unlock', 'safe'),
  createAccount: method('account.create', 'once'),
  account: method('account.get', 'safe'),
  names: method('account.names', 'once'),
  exchange: method('enroll.exchange', 'once'),
  issueActivation: method('activation.issue', 'once'),
  redeemActivation: method('activation.redeem', 'once'),
  issueRecovery: method('recovery.issue', 'once'),
  issueSheet: method('sheet.issue', 'once'),
  pairOpen: method('pair.open', 'once'),
  pairShare: method('pair.share', 'once'),
  pairConfirm: method('pair.confirm', 'once'),
  replace: method('device.replace', 'once'),
  erase: method('account.erase', 'once'),
  devices: method('device.list', 'safe'),
  disable: method('device.disable', 'safe'),
  enable: method('device.enable', 'safe'),
  revoke: method('device.revoke', 'safe'),
  importKey: method('device.import.key', 'safe'),
  importDevice: method('device.import', 'once'),
  beginImport: method('device.import.begin', 'once'),
  importBatch: method('device.import.batch', 'once'),
  policy: method('policy.get', 'safe'),
  setPolicy: method('policy.set', 'once'),
  policyHistory: method('policy.history', 'safe'),
  events: method('audit.events', 'safe'),
  checkpoint: method('audit.checkpoint', 'safe'),
  proof: method('audit.proof', 'safe'),
  entries: method('audit.entry', 'safe'),
  receipt: method('audit.receipt', 'safe'),
} as const;

export type MethodName = keyof typeof METHODS;
type Types<Name extends MethodName> = NonNullable<(typeof METHODS)[Name]['types']>;
export type RequestOf<Name extends MethodName> = Types<Name>['request'];
export type ReplyOf<Name extends MethodName> = Types<Name>['reply'];

export interface CallOptions {
  /** how long to wait for the answer, retries included, ms; default: the client's */
  timeoutMs?: number;
}

/** One function for each verb: the request in, the reply out. Throws Failure. */
export type Methods = {
  [Name in MethodName]: (request: RequestOf<Name>, options?: CallOptions) => Promise<ReplyOf<Name>>;
};
