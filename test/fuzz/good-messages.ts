import {
  AccountNamesRequest,
  AccountRequest,
  AttestRequest,
  AttestationRequest,
  BeginImportRequest,
  BeginRekeyRequest,
  CancelChallengeRequest,
  CheckRequest,
  CheckpointRequest,
  ConfirmPairingRequest,
  ConfirmRekeyRequest,
  ConfirmRequest,
  CreateAccountRequest,
  DeviceRequest,
  EntryRequest,
  EraseRequest,
  EventsRequest,
  ExchangeRequest,
  ImportBatchRequest,
  ImportKeyQuery,
  ImportKeyRequest,
  ImportRequest,
  IssueActivationRequest,
  IssueChallengeRequest,
  IssueRecoveryRequest,
  IssueRequest,
  IssueSheetRequest,
  MakeSheetRequest,
  MatchRequest,
  OcraQuestionRequest,
  DEFAULT_POLICY,
  OpenPairingRequest,
  PolicyHistoryRequest,
  PolicyQuery,
  ProofRequest,
  ProvisionRequest,
  ReceiptRequest,
  RecoverRequest,
  RedeemActivationRequest,
  RedeemRequest,
  RekeyRequest,
  ReplaceRequest,
  ResyncRequest,
  SendChallengeRequest,
  SetPolicyRequest,
  SharePairingRequest,
  SignRequest,
  UnlockRequest,
  VerifyChallengeRequest,
  VerifyRequest,
  VerifySheetRequest,
  type KeyVerb,
  type Questions,
  type Verb,
} from '@countersign/contracts';

/** A message class and a message that it takes, every field given. A new verb does not compile without its line. */
export interface Good<T extends object = object> {
  type: new () => T;
  message: Required<T>;
}

const account = 'ada@acme.example';
const device = '0123456789ab';
const id = '0123456789abcdefghjk';
const session = '0123456789abcdef';
const confirm = Buffer.alloc(32, 7).toString('base64url');
const code = '123456';
const challenge = '0123456789abcdef';
const transaction = { payee: 'Ada', amount: '12.50 EUR' };
const deliver = {
  ...({ channel: 'mail', to: 'ada@acme.example', language: 'de-AT', template: 'payment' } as const),
  fields: { amount: '12.50 EUR', payee: 'Ada' },
};
const attempt = { account, device, code, requestId: 'request-1', origin: 'browser-1' };
const suites = { suite: 'OCRA-1:HOTP-SHA256-8:QA08', platformSuite: 'OCRA-1:HOTP-SHA256-6:QA08' };
const made = { algorithm: 'SHA256', digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
const fields = { type: 'ocra', ...made, ...suites } as const;
/** The generator of P-256 (SEC 2 section 2.4.2), uncompressed: a point that is on the curve. */
export const POINT = Buffer.from(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
).toString('base64url');
const proof = Buffer.alloc(32, 5).toString('base64url');
const wrapped = Buffer.alloc(40, 7).toString('base64url');
const token = Buffer.alloc(16, 9).toString('base64url');
const item = {
  ...{ tenant: 'acme', account: id, challenge, purpose: 'payment', form: { kind: 'letters', length: 6 } },
  ...{ context: proof, nonce: Buffer.alloc(16, 7).toString('base64url') },
};
const key = { tenant: 'acme', account: id, device, epoch: 1 };
const label = { ...key, profile: fields };
const reference = 'd1.AAAAAAAAAAAAAAAAAAAAAA';
const ocra = { ...suites, challenge: session, transaction: confirm, asked: 'CLI22220' };

export const PUBLIC: { [V in Verb]: Good<Questions[V]['request']> } = {
  verify: { type: VerifyRequest, message: attempt },
  'device.confirm': { type: ConfirmRequest, message: { ...attempt, id } },
  resync: { type: ResyncRequest, message: { ...attempt, nextCode: '654321' } },
  recover: {
    type: RecoverRequest,
    message: { account, code: 'ryfmf-6nw7h', requestId: 'request-1', origin: 'browser-1' },
  },
  'sheet.verify': {
    type: VerifySheetRequest,
    message: { account, code: 'ryfmf-6nw7h', device, requestId: 'request-1', origin: 'browser-1' },
  },
  'challenge.issue': {
    type: IssueChallengeRequest,
    message: {
      ...{
        account,
        form: { kind: 'letters', length: 8 },
        verifiers: ['till'],
        purpose: 'payment',
        transaction,
        device,
      },
      ...{ notBefore: 0, notAfter: 253_402_300_799_999, networks: ['192.0.2.0/24', '2001:db8::/32'], zone: 'office' },
      ...{ cell: 'u4pruydq', asked: '19283746', deliver, sealTo: 'caller', requestId: 'request-1' },
    },
  },
  'challenge.verify': {
    type: VerifyChallengeRequest,
    message: {
      ...{ ...attempt, challenge, purpose: 'payment', transaction, address: '2001:db8::7' },
      ...{ zone: 'office', cell: 'u4pruydqqvj' },
    },
  },
  'challenge.send': { type: SendChallengeRequest, message: { account, challenge, deliver } },
  'challenge.cancel': { type: CancelChallengeRequest, message: { account, challenge } },
  'account.unlock': { type: UnlockRequest, message: { account } },
  'account.create': { type: CreateAccountRequest, message: { names: [account, 'ada', 'Ada L.'] } },
  'account.names': { type: AccountNamesRequest, message: { account, add: ['countess'], remove: ['ada'] } },
  'account.get': { type: AccountRequest, message: { account } },
  'enroll.exchange': {
    type: ExchangeRequest,
    message: { account, ...fields, point: POINT, namedOnly: true, replaces: device },
  },
  'activation.issue': {
    type: IssueActivationRequest,
    message: { account, ...fields, namedOnly: true, replaces: device },
  },
  'activation.redeem': { type: RedeemActivationRequest, message: { id, token, point: POINT } },
  'recovery.issue': { type: IssueRecoveryRequest, message: { account, point: POINT } },
  'sheet.issue': { type: IssueSheetRequest, message: { account, count: 20, days: 30, recipient: 'app' } },
  'rekey.begin': { type: BeginRekeyRequest, message: { id, device, point: POINT, proof } },
  'rekey.confirm': { type: ConfirmRekeyRequest, message: { id, device, epoch: 2, code, requestId: 'request-1' } },
  'device.attest': { type: AttestRequest, message: { id, device, challenge: proof } },
  'device.replace': { type: ReplaceRequest, message: { account, device, point: POINT } },
  'account.erase': { type: EraseRequest, message: { account: 'nobody at all' } },
  'pair.open': { type: OpenPairingRequest, message: { account, ...fields, namedOnly: true, replaces: device } },
  'pair.share': { type: SharePairingRequest, message: { id, session, share: POINT, point: POINT } },
  'pair.confirm': { type: ConfirmPairingRequest, message: { id, session, confirm } },
  'device.list': { type: AccountRequest, message: { account } },
  'device.disable': { type: DeviceRequest, message: { account, device } },
  'device.enable': { type: DeviceRequest, message: { account, device } },
  'device.revoke': { type: DeviceRequest, message: { account, device } },
  'device.import': {
    type: ImportRequest,
    message: { account, device, ...fields, point: POINT, wrapped, activate: true, namedOnly: false, replaces: device },
  },
  'device.import.key': { type: ImportKeyQuery, message: {} },
  'device.import.begin': { type: BeginImportRequest, message: { devices: [{ account, device }] } },
  'device.import.batch': {
    type: ImportBatchRequest,
    message: {
      point: POINT,
      devices: [{ id, device, epoch: 1, ...fields, wrapped }],
      activate: true,
      namedOnly: false,
    },
  },
  'policy.get': { type: PolicyQuery, message: {} },
  'policy.set': { type: SetPolicyRequest, message: { ...DEFAULT_POLICY, version: 0 } },
  'policy.history': { type: PolicyHistoryRequest, message: { after: 1 } },
  'audit.events': {
    type: EventsRequest,
    message: { account, after: 1, since: 1, until: 4_102_444_800_000, limit: 10, waitMs: 1 },
  },
  'audit.checkpoint': { type: CheckpointRequest, message: { after: 1, waitMs: 1 } },
  'audit.proof': { type: ProofRequest, message: { sequence: 1, from: 1, size: 1 } },
  'audit.entry': { type: EntryRequest, message: { sequence: 1, count: 2 } },
  'audit.receipt': { type: ReceiptRequest, message: { sequence: 1 } },
};

/** What the services ask the key service: not anybody's to send, and checked all the same. */
export const INTERNAL: Record<KeyVerb, Good> = {
  match: {
    type: MatchRequest,
    message: {
      items: Array.from({ length: 3 }, () => ({
        ...{ reference: 'd1.AAAAAAAAAAAAAAAAAAAAAA', tenant: 'acme', account: id, device, epoch: 1 },
        ...{ algorithm: 'SHA1', digits: 6, from: 0, count: 10, spent: 0, floor: 0, code, format: 'recovery', ocra },
      })),
    },
  },
  question: { type: OcraQuestionRequest, message: { ...key, reference, algorithm: 'SHA256', ocra } },
  provision: { type: ProvisionRequest, message: { ...label, point: POINT } },
  rekey: {
    type: RekeyRequest,
    message: { ...label, point: POINT, epoch: 2, reference: 'd1.AAAAAAAAAAAAAAAAAAAAAA', proof },
  },
  import: { type: ImportKeyRequest, message: { point: POINT, seeds: [{ ...label, wrapped }] } },
  attest: {
    type: AttestationRequest,
    message: { tenant: 'acme', account: id, device, epoch: 1, status: 'active', challenge: proof, at: 1 },
  },
  issue: { type: IssueRequest, message: { ...item, recipient: 'delivery' } },
  redeem: { type: RedeemRequest, message: { ...item, code: 'BCDFGH' } },
  sheet: {
    type: MakeSheetRequest,
    message: { tenant: 'acme', account: id, device, codes: 20, recipient: 'acme/app' },
  },
  sign: { type: SignRequest, message: { size: 7, root: Buffer.alloc(32, 1).toString('base64url') } },
  check: {
    type: CheckRequest,
    message: {
      receipts: [{ tenant: 'acme', account: id, device, epoch: 1, counter: 7, receipt: wrapped }],
      challenges: [{ tenant: 'acme', account: id, challenge, receipt: wrapped }],
    },
  },
};
