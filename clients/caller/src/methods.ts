import type {
  AccountNamesReply,
  AccountNamesRequest,
  AccountReply,
  AccountRequest,
  ConfirmRequest,
  CreateAccountReply,
  CreateAccountRequest,
  DeviceListReply,
  DeviceReply,
  DeviceRequest,
  EventsReply,
  EventsRequest,
  ExchangeReply,
  ExchangeRequest,
  ImportKeyAnswer,
  ImportKeyQuery,
  ImportReply,
  ImportRequest,
  UnlockReply,
  UnlockRequest,
  Verb,
  VerifyRequest,
  Verdict,
} from '@countersign/contracts';

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

const method = <Request, Reply>(verb: Verb, again: Again): Method<Request, Reply> => ({ verb, again });

/** Every verb by the name it has in this library. The client's methods are made from this table. */
export const METHODS = {
  verify: method<VerifyRequest, Verdict>('verify', 'verdict'),
  confirm: method<ConfirmRequest, Verdict>('device.confirm', 'verdict'),
  unlock: method<UnlockRequest, UnlockReply>('account.unlock', 'safe'),
  createAccount: method<CreateAccountRequest, CreateAccountReply>('account.create', 'once'),
  account: method<AccountRequest, AccountReply>('account.get', 'safe'),
  names: method<AccountNamesRequest, AccountNamesReply>('account.names', 'once'),
  exchange: method<ExchangeRequest, ExchangeReply>('enroll.exchange', 'once'),
  devices: method<AccountRequest, DeviceListReply>('device.list', 'safe'),
  disable: method<DeviceRequest, DeviceReply>('device.disable', 'safe'),
  enable: method<DeviceRequest, DeviceReply>('device.enable', 'safe'),
  revoke: method<DeviceRequest, DeviceReply>('device.revoke', 'safe'),
  importKey: method<ImportKeyQuery, ImportKeyAnswer>('device.import.key', 'safe'),
  importDevice: method<ImportRequest, ImportReply>('device.import', 'once'),
  events: method<EventsRequest, EventsReply>('audit.events', 'safe'),
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
